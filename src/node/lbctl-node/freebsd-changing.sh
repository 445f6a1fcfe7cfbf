# ---- Changing on FreeBSD ----

if [ "$system" = FreeBSD ]; then

tools='b64encode cat cmp cp daemon date df find fsync ifconfig install lockf mkfifo mv od ps rm service sha256 sleep stat sync sysctl tail tar timeout'
settle_script=$root/usr/local/etc/rc.d/lbctl_settle

durable() { fsync "$@" 2>/dev/null || sync; }
rename_link() { mv -fh "$1" "$2"; }
detached() { exec daemon -f "$@"; }
access_of() { stat -f '%OMp%03OLp %u:%g' "$1"; }

load_module() { attempt kldload -n "$1"; }
put_sysctl() { attempt sysctl "$1=$2"; }
set_link() { attempt ifconfig "$1" "$2"; }
put_address() { attempt ifconfig "$2" "$(family_of "$1")" "$1" alias; }
take_address() { attempt ifconfig "$2" "$(family_of "$1")" "${1%/*}" -alias; }
family_of() { case $1 in *:*) say inet6 ;; *) say inet ;; esac }
link_is_up() { case $(ifconfig "$1" 2>/dev/null) in *flags=*[\<,]UP[,\>]*) ;; *) return 1 ;; esac }

# take_lock NAME DESCRIPTOR SECONDS. lockf(1) holds a lock as long as its command runs, and knows descriptors only in later releases.
# So its command here reads a pipe to its end: the lock is free when the last process that has the pipe's other end is gone, as one
# of flock(2) is when the last that has the descriptor is.
take_lock() {
  [ -d "$run" ] || (umask 022 && mkdir -p "$run")
  pipe=$run/$1.$$ answer=
  rm -f "$pipe" "$pipe.answer"
  mkfifo "$pipe" "$pipe.answer" || return 1
  {
    trap '' HUP INT TERM # its end is that of the pipe, and no other
    exec <"$pipe" >"$pipe.answer" 2>/dev/null 7<&- 8>&- 9>&-
    exec lockf -ks -t "$3" "$run/$1.lock" sh -c 'echo held; exec cat >/dev/null'
  } &
  eval "exec $2>\$pipe"
  read -r answer <"$pipe.answer"
  rm -f "$pipe" "$pipe.answer"
  [ -n "$answer" ] || eval "exec $2>&-"
  [ -n "$answer" ]
}

# unit enable|disable|start|stop NAME. A service is enabled in a file of its own (rc.conf(5), rc.conf.d): rc.conf is the user's.
unit() {
  case $1:$boot in
  enable:*) write_rc_setting "$2" YES ;;
  disable:*) disable_script "$2" ;;
  *:yes) ;; # the boot starts what is enabled
  *) attempt service "$2" "one$1" ;;
  esac
}

# $variable: what enables a service, as `service NAME rcvar` tells it
rc_variable() {
  variable=$(service "$1" rcvar 2>/dev/null | sed -n 's/^\([A-Za-z0-9_]*\)=.*/\1/p')
  variable=${variable:-$1_enable}
}

# write_rc_setting NAME YES|NO: what else a file says that is not ours alone stays
write_rc_setting() {
  rc_variable "$1"
  file=$root/etc/rc.conf.d/$1
  make_folder "$root/etc/rc.conf.d"
  if is_our_setting; then
    { (umask 022 && say "$variable=\"$2\"" >"$file.lbctl-new") && mv -f "$file.lbctl-new" "$file"; } 2>>"$dir/output" || failed=$number
  else attempt sysrc -f "$file" "$variable=$2"; fi
  durable "$file" "$root/etc/rc.conf.d"
}
is_our_setting() { case $(cat "$file" 2>/dev/null) in '' | "$variable=\"YES\"" | "$variable=\"NO\"") ;; *) return 1 ;; esac }

disable_script() {
  rc_variable "$1"
  file=$root/etc/rc.conf.d/$1
  ! is_our_setting || attempt rm -f "$file" "$file.lbctl-new"
  if service "$1" enabled >/dev/null 2>&1; then write_rc_setting "$1" NO; fi
  [ ! -d "$root/etc/rc.conf.d" ] || durable "$root/etc/rc.conf.d"
}

# rcorder(8): scripts of /usr/local are put in order with those of the system from FILESYSTEMS on (early_late_divider, rc.conf(5)).
install_settle_script() {
  mkdir -p "${settle_script%/*}"
  say "$settle_rc" >"$settle_script"
  chmod 0755 "$settle_script"
  durable "$settle_script" "${settle_script%/*}"
}
# shellcheck disable=SC2016 # rc.subr's names, not ours
settle_rc='#!/bin/sh
# Written by lbctl; goes when lbctl leaves the node. It settles an lbctl activation that was cut short.
#
# PROVIDE: lbctl_settle
# REQUIRE: FILESYSTEMS
# BEFORE: netif

. /etc/rc.subr

name=lbctl_settle
start_cmd=lbctl_settle_start
stop_cmd=:

lbctl_settle_start() {
  [ ! -L /var/lib/lbctl/open ] || /bin/sh /var/lib/lbctl/lbctl-node.sh boot
}

load_rc_config $name
lbctl_settle_svcj=NO
run_rc_command "$1"'

fi
