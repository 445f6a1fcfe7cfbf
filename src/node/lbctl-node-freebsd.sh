# lbctl-node-freebsd.sh: what lbctl-node.sh does otherwise on FreeBSD (13 and later), with FreeBSD's base system alone.
#
# Its two halves are sent as part of lbctl-node.sh, each behind the half it belongs to (src/wire/node-script.ts), and its functions
# take the place of those of the same name there. The manual pages of FreeBSD that tell the facts are named beside them.
# shellcheck shell=sh
# shellcheck disable=SC2317,SC2034,SC2154 # called, set and used by lbctl-node.sh
# shellcheck disable=SC1007,SC2015 # `a= b=` empties both; `a && b || c`: c is to run when b fails, too
if [ "$system" = FreeBSD ]; then

run=$root/var/run/lbctl # emptied by every boot (rc.d/cleanvar)

base64_of() { b64encode -r "$1" -; } # base64(1) is there since FreeBSD 14
hash_files() { sha256 -r "$@" | sed 's/ /  /'; }
describe_files() { stat -L -f '%OMp%03OLp %Su:%Sg %z' "$@"; }

# kern.boottime, `{ sec = 1700000000, usec = 5 } Tue Nov 14 ...`, moves with the clock: what is between them does not.
read_uptime() {
  # shellcheck disable=SC2046
  set -- "$(date +%s)" $(sysctl -n kern.boottime)
  up=$(($1 - ${5%,})) tick=$((up * 100))
}

# Sixteen random bytes
read_boot() {
  # shellcheck disable=SC2046
  set -- $(sysctl -b kern.boot_id 2>/dev/null | od -An -tx1)
  IFS=
  now=$*
  IFS=$blanks
  now=${now:--}
}

is_locked() { ! lockf -kns -t 0 "$1" true; }

sysctl_file() { file=$1; }
read_sysctls() {
  values=
  [ $# -eq 0 ] || values=$newline$(sysctl -i "$@" 2>/dev/null)$newline # a line `KEY: VALUE` for each that there is
}

find_init() { init=rc; }

# $started: the command line of a process. That of an activation or a timer names its transaction, which no other process does,
# while the time at which ps(1) says it began moves with the clock.
start_time() {
  started=
  # shellcheck disable=SC2046
  set -- $(ps -ww -o command= -p "$1" 2>/dev/null)
  [ $# -gt 0 ] || return 1
  IFS=+
  started=$*
  IFS=$blanks
}

addresses() {
  ifconfig -a -f inet:cidr,inet6:cidr 2>/dev/null | while read -r word value _; do
    case $word:$value in
    *:flags=*) device=${word%:} ;;
    inet:* | inet6:*)
      case $value in *%*) value=${value%%%*}/${value##*/} ;; esac
      say "$1 $device $value"
      ;;
    esac
  done
}

observe_facts() {
  kernel=$(uname -r)
  say "fact kernel $kernel"
  # shellcheck disable=SC2046
  set -- $(uname -mns) # in the order of uname(1): system, name, machine
  say "fact os $1"
  say "fact hostname $2"
  say "fact arch $3"
  read_boot
  [ "$now" = - ] || say "fact boot_id $now"
  find_init && say "fact init $init"
  say "fact libc freebsd"
  say "fact distribution freebsd ${kernel%%-*}"
  # shellcheck disable=SC2046
  set -- $(df -Pk "$root/var" 2>/dev/null)
  say "fact disk_free_kib ${11-0}"
  say "fact ipvs missing"
}

# `em0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500`, below it `ether 58:9c:fc:00:00:01`
observe_links() {
  ifconfig -a 2>/dev/null | {
    device=
    while read -r word value rest; do
      case $word:$value in
      *:flags=*)
        [ -z "$device" ] || say "link $device $mac $up $mtu"
        device=${word%:} mac=- up=down mtu=${rest##*mtu }
        mtu=${mtu%% *}
        case $value in *[\<,]UP[,\>]*) up=up ;; esac
        ;;
      ether:*) mac=$value ;;
      esac
    done
    [ -z "$device" ] || say "link $device $mac $up $mtu"
  }
}

observe_module() {
  if kldstat -q -m "$1"; then say "module $1 loaded"
  elif [ -e "$root/boot/kernel/$1.ko" ] || [ -e "$root/boot/modules/$1.ko" ]; then say "module $1 loadable"
  else say "module $1 missing"; fi
}

# The `one` of rc(8) asks a service also where it is not enabled.
observe_units() {
  for name in $units; do
    exists=no enabled=no running=no
    if [ -x "$root/usr/local/etc/rc.d/$name" ] || [ -x "$root/etc/rc.d/$name" ]; then
      exists=yes
      ! service "$name" enabled >/dev/null 2>&1 || enabled=yes
      ! service "$name" onestatus >/dev/null 2>&1 || running=yes
    fi
    say "unit $name $exists $enabled $running"
  done
}

fi
# ==== Everything below changes the node. ====
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
