# ---- Reading: each function sets the variable its comment names; few of them start a process ----

# $text: a file in base64 on one line
encode() {
  text=$(base64_of "$1")
  IFS=$newline
  # shellcheck disable=SC2086 # split at line ends, joined without them
  set -- $text
  IFS=
  text=$*
  IFS=$blanks
}

base64_of() { base64 "$1"; }

# A line `SHA256  FILE` for each file
hash_files() { sha256sum "$@"; }

# A line `MODE OWNER:GROUP SIZE` for each file
describe_files() { stat -L -c '%a %U:%G %s' "$@"; }

# $up: whole seconds since boot, which no change of the clock moves; $tick: the same in hundredths (proc(5), /proc/uptime)
read_uptime() { read -r tick _ </proc/uptime && up=${tick%.*} && tick=$((up * 100 + 1${tick#*.} - 100)); }

# $now: what names this boot; - where nothing does
read_boot() {
  now=-
  { read -r now <"$root/proc/sys/kernel/random/boot_id"; } 2>/dev/null
}

# Whether somebody holds the lock of that file
is_locked() { ! flock -ns "$1" true; }

# $file: where the kernel keeps a sysctl. As sysctl(8): in a.b.c a slash stands for a dot (net.ipv4.conf.eth0/100.rp_filter);
# a name whose first separator is a slash is taken as it is.
sysctl_file() {
  file=$root/proc/sys
  case ${1%%/*} in *.*) ;; *) file=$file/$1 && return ;; esac
  rest=$1.
  while [ -n "$rest" ]; do
    part=${rest%%.*}
    rest=${rest#*.}
    while :; do case $part in */*) part=${part%%/*}.${part#*/} ;; *) break ;; esac done
    file=$file/$part
  done
}

# $values: a line FILE:VALUE for each of these sysctls the kernel has. Not by the shell's `read`: it asks for one byte at a time, and
# the kernel gives a number to the first reader of its file's beginning only (proc_dointvec: 4096 would be read as 4).
read_sysctls() {
  list= values=
  [ $# -gt 0 ] || return 0
  for key in "$@"; do sysctl_file "$key" && list="$list $file"; done
  # shellcheck disable=SC2086
  values=$newline$(grep -sH '' $list)$newline
}

# $value: the value of a sysctl in $values, blanks squeezed; fails when it is not there
value_of() {
  sysctl_file "$1"
  case $values in *"$newline$file:"*) ;; *) return 1 ;; esac
  value=${values#*"$newline$file:"}
  # shellcheck disable=SC2086 # split to squeeze
  set -- ${value%%"$newline"*}
  value=$*
}

# $init: systemd, openrc, sysvinit (its rc and /etc/rc?.d), busybox (its init, with a rcS that runs /etc/init.d/S??*) or other.
# Folders stay when a system is given another init, and containers have them too: for the last two the first process counts.
find_init() {
  init=other first=
  [ ! -d "$root/run/systemd/system" ] || { init=systemd && return; }
  [ ! -d "$root/run/openrc" ] || { init=openrc && return; }
  { read -r first <"$root/proc/1/comm"; } 2>/dev/null
  case $first in init | linuxrc) ;; *) return 0 ;; esac
  if [ -d "$root/etc/rc2.d" ] && [ -d "$root/etc/init.d" ]; then init=sysvinit
  elif grep -qs 'init\.d/S??' "$root/etc/init.d/rcS"; then init=busybox; fi
}

# $loopback: who configures the loopback besides the kernel: the file of systemd-networkd's that matches it, networkmanager, ifupdown;
# kernel for nobody. The loopback is always the first interface.
find_loopback() {
  loopback=kernel
  if [ -r "$root/run/systemd/netif/links/1" ]; then
    while read -r line; do
      case $line in NETWORK_FILE=*/*.network) loopback=${line##*/} && return ;; esac
    done <"$root/run/systemd/netif/links/1"
  fi
  if [ -r "$root/run/NetworkManager/devices/1" ]; then
    while read -r line; do
      case $line in connection-uuid=?*) loopback=networkmanager && return ;; esac
    done <"$root/run/NetworkManager/devices/1"
  fi
  if [ -r "$root/etc/network/interfaces" ] && { [ -e "$root/sbin/ifup" ] || [ -e "$root/usr/sbin/ifup" ]; }; then
    while read -r line name _; do
      [ "$line $name" != "iface lo" ] || { loopback=ifupdown && return; }
    done <"$root/etc/network/interfaces"
  fi
}

# $started: when a process began, in ticks since boot (field 22 of /proc/PID/stat, proc(5)); with its id it names it for good
start_time() {
  started=
  { read -r started <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # the fields after the command's name
  set -- ${started##*) }
  shift 19
  started=$1
}

# addresses WORD: prints `WORD DEVICE ADDRESS/PREFIX` for every address
addresses() {
  IFS=$newline
  for line in $(ip -o address show 2>/dev/null); do
    IFS=$blanks
    # shellcheck disable=SC2086 # the words of `1: lo    inet 127.0.0.1/8 scope host lo`
    set -- "$1" $line
    case $4 in inet | inet6) device=${3%:} && say "$1 ${device%@*} $5" ;; esac
  done
  IFS=$blanks
}

# $open: the id of the open transaction, empty when there is none
find_open() {
  open=
  [ -L "$state/open" ] || return 0
  cd -P "$state/open" 2>/dev/null && open=${PWD##*/}
  cd /
}

# $name: the release that a link in /var/lib/lbctl points to; empty when there is none
linked_release() {
  name=
  cd -P "$state/$1" 2>/dev/null && name=${PWD##*/}
  cd /
}

# $lease: the run that has the lock (lbctl-lock.sh writes it), empty for none whose time is not over; $of: what else is known of it
read_lease() {
  lease= until=0 since_boot= of=
  { read -r lease until since_boot of <"$run/lease"; } 2>/dev/null || return 0
  read_uptime
  read_boot
  [ "$since_boot" = "$now" ] && [ "$until" -gt "$up" ] || lease=
}
