# ---- Reading on FreeBSD 13 and later, with its base system alone; its manual pages that tell the facts are named ----

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
  ifconfig -a -f inet:cidr,inet6:cidr 2>/dev/null | while read -r word cidr _; do
    case $word:$cidr in
    *:flags=*) device=${word%:} ;;
    inet:* | inet6:*)
      case $cidr in *%*) cidr=${cidr%%%*}/${cidr##*/} ;; esac
      say "$1 $device $cidr"
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
    while read -r word flags rest; do
      case $word:$flags in
      *:flags=*)
        [ -z "$device" ] || say "link $device $mac $status $mtu"
        device=${word%:} mac=- status=down mtu=${rest##*mtu }
        mtu=${mtu%% *}
        case $flags in *[\<,]UP[,\>]*) status=up ;; esac
        ;;
      ether:*) mac=$flags ;;
      esac
    done
    [ -z "$device" ] || say "link $device $mac $status $mtu"
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
