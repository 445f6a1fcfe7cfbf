#!/bin/sh
# lbctl-node.sh: what lbctl does on a node, all of it. POSIX sh; docs/node-protocol.md tells who calls what and why.
#
# The first half only looks: it is sent over SSH, prints what the node holds, and leaves nothing behind.
# The second half changes: stage, activate, confirm, revert, settle. The rule it lives by: what will be replaced is on disk,
# as a journal of undo steps, before the first change; from then on the node is on the old release until somebody confirms.
#
# What other systems than Linux do otherwise stands in lbctl-node-freebsd.sh, whose functions take the place of these there.
#
# Words the controller sent (paths, names, keys) are made of letters, digits and . _ / @ : + - and need no quotes in lists.
# shellcheck disable=SC2317 # functions are called by name: by the last lines, and by the lists the controller sends
# shellcheck disable=SC2154 # who_...: variables of the controller's list `who`
# shellcheck disable=SC1007,SC2015 # `a= b=` empties both; `a && b || c`: c is to run when b fails, too
set -u
set -f # patterns are expanded only where `set +f` says so
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
newline='
'
blanks=$IFS
root=${LBCTL_ROOT-} # a folder that stands for /, for tests
state=$root/var/lib/lbctl
opt=$root/opt/lbctl
run=$root/run/lbctl # locks: gone after a boot, as their holders are
system=Linux
# shellcheck disable=SC2034 # lbctl-node-freebsd.sh asks for it
[ -d "$root/proc/sys" ] || system=$(uname -s)

say() { printf '%s\n' "$*"; }

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

# ---- observe: `want` says what else to look at, then `observe` prints it ----

files= sysctls= modules= units= commands= runtime= ipvs=

want() {
  case $1 in
  file) files="$files $2 $3" ;;
  sysctl) sysctls="$sysctls $2" ;;
  module) modules="$modules $2" ;;
  unit) units="$units $2" ;;
  command) commands="$commands $2" ;;
  runtime) runtime=yes ;;
  ipvs) ipvs=yes ;;
  esac
}

observe() {
  observe_facts
  observe_links
  addresses address
  observe_release
  observe_lock
  observe_files
  # shellcheck disable=SC2086
  read_sysctls $sysctls
  for key in $sysctls; do if value_of "$key"; then say "sysctl $key $value"; else say "no-sysctl $key"; fi; done
  for name in $modules; do observe_module "$name"; done
  [ -z "$units" ] || observe_units
  for name in $commands; do if command -v "$name" >/dev/null; then say "command $name yes"; else say "command $name no"; fi; done
  case " $commands " in *' keepalived '*) observe_keepalived ;; esac
  observe_agent
  say end
}

observe_facts() {
  for name in ostype osrelease hostname arch; do
    value=
    { read -r value <"$root/proc/sys/kernel/$name"; } 2>/dev/null || value=
    case $name in
    ostype) say "fact os ${value:-$(uname -s)}" ;;
    osrelease) kernel=$value && say "fact kernel $kernel" ;;
    hostname) say "fact hostname $value" ;;
    arch) say "fact arch ${value:-$(uname -m)}" ;; # the file is there since Linux 6.1
    esac
  done
  { read -r value <"$root/proc/sys/kernel/random/boot_id"; } 2>/dev/null && say "fact boot_id $value"
  find_init && say "fact init $init"
  find_loopback && say "fact loopback $loopback"
  set +f
  set -- "$root"/lib/ld-musl-*
  set -f
  if [ -e "$1" ]; then say "fact libc musl"; else say "fact libc glibc"; fi
  ID=linux VERSION_ID=
  # shellcheck disable=SC1091 # os-release(5) is made to be read this way
  [ ! -r "$root/etc/os-release" ] || . "$root/etc/os-release"
  say "fact distribution $ID $VERSION_ID"
  # shellcheck disable=SC2046 # seven words of title, then device, blocks, used, available
  set -- $(df -Pk "$root/var/lib" 2>/dev/null)
  say "fact disk_free_kib ${11-0}"
  if [ -e "$root/proc/net/ip_vs" ]; then say "fact ipvs loaded"; else
    set +f
    set -- "$root/lib/modules/$kernel/kernel/net/netfilter/ipvs"/ip_vs.ko*
    set -f
    if [ -e "$1" ]; then say "fact ipvs loadable"; else say "fact ipvs missing"; fi
  fi
}

observe_links() {
  set +f
  set -- "$root"/sys/class/net/*
  set -f
  for folder in "$@"; do
    [ -d "$folder" ] || continue
    mac= mtu=0 flags=0
    { read -r mac <"$folder/address" && read -r mtu <"$folder/mtu" && read -r flags <"$folder/flags"; } 2>/dev/null
    if [ $((flags & 1)) = 1 ]; then up=up; else up=down; fi # IFF_UP, linux/if.h
    say "link ${folder##*/} ${mac:--} $up $mtu"
  done
}

# The confirmed release, what it owns (which is looked at as well), an open transaction, and how the last one ended.
observe_release() {
  [ -d "$state" ] || return 0
  [ -x "$state" ] && [ -r "$state" ] || { say "unreadable $state" && return 0; }
  linked_release current
  if [ -n "$name" ]; then
    say "release $name"
    # shellcheck disable=SC1091
    . "$state/current/manifest"
  fi
  find_open
  if [ -n "$open" ]; then
    # shellcheck disable=SC1091
    . "$state/open/who"
    held=abandoned
    [ ! -e "$run/controller.lock" ] || ! is_locked "$run/controller.lock" || held=armed
    say "transaction $open $who_release $held $who_since $who_by"
  fi
  [ ! -r "$state/last" ] || { read -r line <"$state/last" && say "last $line"; }
}

observe_lock() {
  [ ! -r "$state/hold" ] || { read -r line <"$state/hold" && say "hold $line"; }
  read_lease
  [ -z "$lease" ] || say "lease $lease $of"
}

# Lines of a manifest
own() {
  say "owned $*"
  case $1 in
  file) case "$files " in *" $2 "*) ;; *) if [ "${6-}" = secret ]; then want file - "$2"; else want file "$3" "$2"; fi ;; esac ;;
  sysctl | unit)
    case "$sysctls $units " in *" $2 "*) ;; *) want "$1" "$2" ;; esac ;;
  esac
}
handler() { :; }

observe_files() {
  # shellcheck disable=SC2086 # pairs of hash and path
  set -- $files
  there= wanted=
  while [ $# -gt 0 ]; do
    if [ ! -f "$root$2" ]; then say "file - - - $2"
    elif [ ! -r "$root$2" ]; then say "unreadable $2"
    else there="$there $root$2" wanted="$wanted $1"; fi
    shift 2
  done
  [ -n "$there" ] || return 0
  # shellcheck disable=SC2086
  stats=$(describe_files $there)$newline
  # shellcheck disable=SC2046,SC2086
  set -- $(hash_files $there)
  for hash in $wanted; do
    line=${stats%%"$newline"*} stats=${stats#*"$newline"}
    path=${2#"$root"}
    say "file $1 ${line% *} $path"
    if [ "$1" != "$hash" ] && [ "$hash" != - ] && [ "${line##* }" -le 1048576 ]; then encode "$2" && say "content $path $text"; fi
    shift 2
  done
}

observe_module() {
  dashless=$1
  while :; do case $dashless in *-*) dashless=${dashless%%-*}_${dashless#*-} ;; *) break ;; esac done
  if [ -d "$root/sys/module/$dashless" ]; then say "module $1 loaded"
  elif modprobe -D "$1" >/dev/null 2>&1; then say "module $1 loadable" # BusyBox knows no dry run
  else say "module $1 missing"; fi
}

observe_units() {
  find_init
  case $init in
  systemd)
    # shellcheck disable=SC2086
    shown=$(systemctl show -p LoadState -p ActiveState -p UnitFileState $units 2>/dev/null)
    # Units come in the order asked for, an empty line between them.
    for name in $units; do
      block=${shown%%"$newline$newline"*}$newline shown=${shown#*"$newline$newline"}
      exists=no enabled=no running=no
      case $block in *LoadState=loaded* | *LoadState=masked*) exists=yes ;; esac
      case $block in *UnitFileState=enabled"$newline"* | *UnitFileState=static* | *UnitFileState=alias* | *UnitFileState=generated*) enabled=yes ;; esac
      case $block in *ActiveState=active* | *ActiveState=reloading*) running=yes ;; esac
      say "unit $name $exists $enabled $running"
    done
    ;;
  *) for name in $units; do observe_script "$name"; done ;;
  esac
}

# A unit that is a script in /etc/init.d
observe_script() {
  exists=no enabled=no running=no
  case $init in openrc | sysvinit | busybox) [ ! -f "$root/etc/init.d/$1" ] || exists=yes ;; esac
  if [ "$exists" = yes ]; then
    find_start_links "$1"
    [ -z "$links" ] || enabled=yes
    ! script_runs "$1" || running=yes
  fi
  say "unit $1 $exists $enabled $running"
}
# OpenRC keeps books of its own; else the script is asked (LSB: `status` ends with 0 for what runs).
script_runs() {
  case $init in
  openrc) [ -L "$root/run/openrc/started/$1" ] ;;
  *) "$root/etc/init.d/$1" status >/dev/null 2>&1 </dev/null ;;
  esac
}

# $links: what makes the boot start a script
find_start_links() {
  links=
  set +f
  case $init in
  openrc) set -- "$root"/etc/runlevels/*/"$1" ;;
  sysvinit) set -- "$root"/etc/rc[S2345].d/S[0-9][0-9]"$1" ;;
  busybox) set -- "$root"/etc/init.d/S[0-9][0-9]"$1" ;;
  esac
  set -f
  for link in "$@"; do [ ! -L "$link" ] || links="$links $link"; done
}

observe_keepalived() {
  text=$(keepalived --version 2>&1) || return 0
  text=${text#Keepalived v}
  say "fact keepalived ${text%% *}"
}

# Agents and runtime that are installed; with `want ipvs` the agent's own account, or the kernel's table where there is no agent.
observe_agent() {
  agent=
  set +f
  for folder in "$opt"/agent/*/; do
    [ -e "$folder/lbagent" ] || continue
    folder=${folder%/}
    say "agent ${folder##*/}"
    agent=$folder/lbagent
  done
  set -f
  node=$opt/runtime/current/node
  if [ -x "$node" ]; then say "runtime ${node#"$root"}"
  elif [ -n "$runtime" ] && node=$(command -v node); then
    major=$("$node" --version) && major=${major#v} && [ "${major%%.*}" -ge 20 ] 2>/dev/null && say "runtime $node"
  fi
  [ -n "$ipvs" ] || return 0
  if [ -n "$agent" ]; then
    text=$("$agent" observe 2>&1) && say "agent-status $text" && return 0
    say "fact agent_error ${text%%"$newline"*}"
  fi
  [ -r "$root/proc/net/ip_vs" ] || return 0
  { text=$(grep '^CONFIG_HZ=' "$root/boot/config-$kernel"); } 2>/dev/null && say "fact hz ${text#*=}"
  encode "$root/proc/net/ip_vs" && say "table $text"
}

# ==== Everything below changes the node. ====

wants=$root/etc/systemd/system/sysinit.target.wants
settle_script=$root/etc/init.d/lbctl-settle
failed= interrupted= child= boot= number=0

# What lbctl needs of a node to change it: base utilities of every Linux.
tools='base64 chmod chown cmp cp date df find flock grep ip mv rm sha256sum sleep stat sync tail tar timeout'

# The files and folders given are on the disk when this returns. An old sync knows no files and syncs everything.
durable() { sync "$@" 2>/dev/null || sync; }

# rename_link LINK NAME: in one step, though NAME be a link to a folder
rename_link() { mv -fT "$1" "$2"; }

# Goes on as a process outside of the login's session
detached() { exec setsid "$@"; }

load_module() { attempt modprobe "$1"; }
set_link() { attempt ip link set dev "$1" "$2"; }
# CIDR DEVICE
put_address() { attempt ip address add "$1" dev "$2"; }
take_address() { attempt ip address del "$1" dev "$2"; }

# $text: what the last command said, its last 4000 bytes in base64; - for nothing
encode_output() {
  text=-
  [ -s "$dir/output" ] || return 0
  tail -c 4000 "$dir/output" >"$dir/output.tail"
  encode "$dir/output.tail"
}

# tell_step NAME TICK: how long a step took that began at TICK, for the history
tell_step() {
  read_uptime
  printf '"%s":%s,' "$1" "$(((tick - $2) * 10))" >>"$dir/steps"
}

# attempt COMMAND...: runs a program without our locks, input and umask; its words go to $dir/output. A failure sets $failed.
attempt() {
  { umask 022 && exec "$@"; } >>"$dir/output" 2>&1 </dev/null 8>&- 9>&- &
  child=$!
  wait "$child" && child= && return 0
  child= failed=$number
  return 1
}

# ---- Locks. flock(2): the kernel lets go of them with their holder, so none is ever stale ----
# controller.lock (8) is held for as long as a controller that activates stays connected; its text says who, and which process works.
# work.lock (9) is held by whoever changes the node right now: one activation, confirmation or way back at a time.

lock_controller() {
  take_lock controller 8 1 && return 0
  since=- from=- by=-
  { read -r _ _ _ since from by <"$run/controller.lock"; } 2>/dev/null
  say "locked $since $from $by"
  exit 6
}

# lock_work SECONDS
lock_work() { take_lock work 9 "$1"; }

take_lock() {
  [ -d "$run" ] || (umask 022 && mkdir -p "$run")
  eval "exec $2>>\$run/$1.lock"
  tries=0
  until flock -n "$2"; do
    [ "$tries" -lt "$3" ] || return 1
    tries=$((tries + 1))
    sleep 1
  done
}

# alive PID START: whether the process is there and is still the same
alive() { [ -n "$1" ] && start_time "$1" && [ "$started" = "$2" ]; }

# stop_activation SIGNAL: an activation at work takes back what it has done; one that waits for its controller just ends.
stop_activation() {
  pid= since= of=
  { read -r pid since of _ <"$run/controller.lock"; } 2>/dev/null
  [ "$of" = "$txn" ] && [ "$pid" != $$ ] && alive "$pid" "$since" && kill "-$1" "$pid" 2>/dev/null
}

# The controller's lock is kept by a process that reads standard input to its end. So it is free as soon as the controller is gone,
# also while what it began is still at work here.
watch_controller() {
  exec 7<&0 # what starts in the background reads /dev/null, unless told otherwise
  while read -r _; do :; done <&7 >/dev/null 2>&1 9>&- &
  watcher=$!
  trap 'kill "$watcher" 2>/dev/null' EXIT
  exec 8>&- 7<&- </dev/null
}

# lock_work_from_activation SECONDS
lock_work_from_activation() {
  lock_work 0 && return 0
  stop_activation TERM
  lock_work 20 && return 0
  [ ! -e "$dir/returning" ] || ! lock_work "$1" || return 0 # its handlers take their time
  stop_activation KILL
  lock_work "$1"
}

# ---- What the controller sent is shell text: each line calls `op`, `withdraw`, `check`, `own` or `handler` ----

# walk PHASE: calls PHASE_op for each operation, until $failed is set
walk() {
  phase=$1
  # shellcheck disable=SC1091
  . "$dir/operations"
}
op() {
  [ -z "$failed" ] || return 0
  number=$1
  shift
  "${phase}_op" "$@"
}
withdraw() { [ "$phase" != handle ] || handle_withdraw "$@"; }

# $txn, $dir and $who_...: the transaction this is about
use_transaction() {
  txn=$1 dir=$state/stage/$1
  # shellcheck disable=SC1091
  [ ! -e "$dir/who" ] || . "$dir/who"
}

# ---- stage: checks what was sent; nothing live is touched ----

stage() {
  use_transaction "$1"
  read_uptime && began=$tick
  for tool in $tools; do command -v "$tool" >/dev/null || refuse tool "$tool"; done
  remove_old_stages
  # Before the hashes: on a full disk tar may end well and leave files cut short.
  enough_disk "$state"
  enough_disk "$root/etc"
  check_hashes
  find_init
  walk stage
  # shellcheck disable=SC1091
  . "$dir/checks"
  tell_step stage "$began"
  set +f
  durable "$dir"/* "$dir"/release/* "$dir"/release/files/* "$dir"
  set -f
  say staged
}

# Every file is named by its hash.
check_hashes() {
  cd "$dir/release/files" 2>/dev/null || return 0 # a release without files
  set +f
  # shellcheck disable=SC2035,SC2046
  set -- $(hash_files *)
  set -f
  while [ $# -gt 0 ]; do
    [ "$1" = "$2" ] || refuse damaged -
    shift 2
  done
}

# Twice what was sent, for backups and copies, and a megabyte
enough_disk() {
  # shellcheck disable=SC2046
  set -- $(df -Pk "$1")
  [ "${11-0}" -ge $((who_kib * 2 + 1024)) ] || refuse disk -
}

stage_op() {
  case $1 in
  file) [ -f "$dir/release/files/$3" ] || refuse damaged "$2" ;;
  unit-*) [ "$init" != other ] || refuse init "$2" ;;
  esac
  case $1 in
  file | file-remove)
    folder=${2%/*}
    until [ -d "$root$folder/" ]; do folder=${folder%/*}; done
    [ -w "$root$folder/" ] && [ ! -d "$root$2" ] || refuse folder "$2"
    ;;
  esac
}

# check PATH SHA256 COMMAND...: what will be at PATH is checked; %s in the command is the staged file
check() {
  path=$1 staged=$dir/release/files/$2
  shift 2
  words=$#
  while [ "$words" -gt 0 ]; do
    case $1 in *%s*) set -- "$@" "${1%%%s*}$staged${1#*%s}" ;; *) set -- "$@" "$1" ;; esac
    shift
    words=$((words - 1))
  done
  true >"$dir/output"
  attempt "$@" || refuse check "$path"
}

refuse() {
  encode_output
  say "refused $1 $2 $text"
  cd /
  rm -rf "$dir"
  exit 1
}

# Stages that are over, or were never activated and are a day old
remove_old_stages() {
  set +f
  for old in "$state"/stage/*/over; do [ ! -e "$old" ] || rm -rf "${old%/over}"; done
  set -f
  find_open
  only_stage || find "$state/stage" -mindepth 1 -maxdepth 1 -mtime +0 ! -name "$txn" ! -name "${open:-$txn}" -exec rm -rf {} +
}

# Whether this transaction's stage is the only one
only_stage() {
  set +f
  set -- "$state"/stage/* "$state"/stage/.[!.]*
  set -f
  [ "$*" = "$dir $state/stage/.[!.]*" ]
}

# What other runs staged was planned against the release before.
remove_foreign_stages() {
  only_stage && return
  set +f
  for old in "$state"/stage/*/who; do cmp -s "$old" "$dir/who" || rm -rf "${old%/who}"; done
  set -f
}

abort() {
  use_transaction "$1"
  find_open
  [ "$open" != "$1" ] || { say "gone unfinished" && exit 7; }
  cd / && rm -rf "$dir"
  say aborted
}

# ---- activate TXN SECONDS ----

activate() {
  use_transaction "$1"
  read_uptime && began=$tick
  lock_controller
  refuse_other_run
  settle_open || { say "failed 0 -" && exit 1; }
  start_time $$
  say "$$ $started $txn $who_since $who_from $who_by" >"$run/controller.lock"
  watch_controller
  trap : HUP INT PIPE # the controller may go: what began is brought to an end
  check_fresh
  trap interrupt TERM
  true >"$dir/output"
  walk module
  [ -n "$failed" ] || prepare "$2"
  [ -n "$failed" ] || carry_out "$2"
  [ -z "$failed" ] || give_up
  tell_step activate "$began"
  say "$tick" >"$dir/activated"
  say activated
  trap exit TERM
  exec 9>&-
  wait "$watcher" # until the controller goes; the transaction outlives it
}

# Where this run was cut off for long its lock may have run out, and another run have taken it.
refuse_other_run() {
  read_lease
  [ -n "$lease" ] && [ "$lease" != "${who_run-}" ] || return 0
  # shellcheck disable=SC2086 # WHAT SINCE FROM PROCESS BY
  set -- $of
  since=$2 from=$3
  shift 4
  say "locked $since $from $*"
  exit 6
}

# Files and sysctls are as the plan saw them, or nothing is done.
check_fresh() {
  stale= paths= sums= units= sysctls=
  walk collect
  # shellcheck disable=SC2086
  read_sysctls $sysctls
  # shellcheck disable=SC2086
  [ -z "$paths" ] || sums=$newline$(hash_files $paths)$newline
  walk fresh
  [ -n "$stale" ] || return 0
  say "stale $stale"
  cd / && rm -rf "$dir"
  exit 5
}
collect_op() {
  case $1 in
  file | file-remove) [ ! -f "$root$2" ] || paths="$paths $root$2" ;;
  unit-*) units="$units $2" ;;
  sysctl | sysctl-restore) sysctls="$sysctls $2" ;;
  esac
}
fresh_op() {
  case $1 in
  file) same_file "$2" "$6" ;;
  file-remove) same_file "$2" "$3" ;;
  sysctl) same_sysctl "$2" "$4" ;;
  sysctl-restore) same_sysctl "$2" "$3" ;;
  esac
}
same_file() {
  if [ "$2" = - ]; then [ ! -e "$root$1" ] || stale=$1
  else case $sums in *"$newline$2  $root$1$newline"*) ;; *) stale=$1 ;; esac fi
}
same_sysctl() { if [ "$2" != - ] && value_of "$1"; then [ "$value" = "$2" ] || stale=$1; fi; }

# Modules are loaded before the journal is written, so that it finds the sysctls they bring. No way back unloads them:
# something else may use them by then.
module_op() { [ "$1" != module ] || load_module "$2"; }

# prepare SECONDS: writes the journal and all that is needed to play it back, and opens the transaction: from here on the old
# release comes back unless somebody confirms the new one.
prepare() {
  find_init
  mkdir "$dir/backup"
  journal= backups= held= prior=$newline
  [ ! -e "$state/prior-sysctls" ] || prior=$newline$(cat "$state/prior-sysctls")$newline
  [ -z "$units" ] || states=$newline$(observe_units)$newline
  # shellcheck disable=SC2086
  read_sysctls $sysctls # again: modules that were loaded since bring their own
  walk journal
  printf '%s' "$journal" >"$dir/journal"
  printf '%s' "${prior#"$newline"}" >"$dir/prior-sysctls"
  tell_end reverted "there was no room to write why" >"$dir/last" || failed=0
  read_uptime && say "$up" >"$dir/since"
  install_settle
  # shellcheck disable=SC2086
  durable $backups "$dir/backup" "$dir/journal" "$dir/prior-sysctls" "$dir/last" "$dir" "$state"
  [ -n "$failed" ] || arm "$1"
  [ -n "$failed" ] || { ln -sn "stage/$txn" "$state/open" && durable "$state"; } || failed=0
}

# The journal is played back from its first line to its last: what is done last comes first.
undo() { journal="$*$newline$journal"; }

journal_op() {
  case $1 in
  file | file-remove)
    undo_folders "${2%/*}"
    if [ -e "$root$2" ] || [ -L "$root$2" ]; then
      cp -pP "$root$2" "$dir/backup/$number" 2>"$dir/output" || failed=0
      backups="$backups $dir/backup/$number"
      undo "file $2 $number"
    else undo "absent $2"; fi
    ;;
  sysctl)
    value_of "$2" || return 0
    undo "sysctl $2 $value"
    case $prior in *"$newline$2 "*) ;; *) prior=$prior$2\ $value$newline ;; esac
    ;;
  sysctl-restore)
    value_of "$2" || return 0
    undo "sysctl $2 $value"
    case $prior in *"$newline$2 "*) rest=${prior#*"$newline$2 "} && prior=${prior%%"$newline$2 "*}$newline${rest#*"$newline"} ;; esac
    ;;
  address-add) holds "$3 $2" || undo "address-remove $2 $3" ;;
  address-remove) ! holds "$3 $2" || undo "address-add $2 $3" ;;
  link-up) link_is_up "$2" || undo "link-down $2" ;;
  link-down) ! link_is_up "$2" || undo "link-up $2" ;;
  unit-enable) unit_was enabled "$2" || undo "unit-disable $2" ;;
  unit-disable) ! unit_was enabled "$2" || undo "unit-enable $2" ;;
  unit-start) unit_was running "$2" || undo "unit-stop $2" ;;
  unit-stop) ! unit_was running "$2" || undo "unit-start $2" ;;
  esac
}

undo_folders() {
  [ -n "$1" ] && [ ! -d "$root$1" ] || return 0
  undo_folders "${1%/*}"
  undo "folder $1"
}
# unit_was enabled|running NAME, by what observe_units said: `unit NAME EXISTS ENABLED RUNNING`
unit_was() {
  answer=${states#*"${newline}unit $2 "}
  answer=${answer%%"$newline"*}
  case $1:$answer in enabled:*\ yes\ * | running:*\ yes) ;; *) return 1 ;; esac
}
# holds "DEVICE CIDR"
holds() {
  [ -n "$held" ] || held=$newline$(addresses held)$newline
  case $held in *"${newline}held $1$newline"*) ;; *) return 1 ;; esac
}
link_is_up() {
  flags=0
  { read -r flags <"$root/sys/class/net/$1/flags"; } 2>/dev/null
  [ $((flags & 1)) = 1 ]
}

# arm SECONDS: a process that needs neither controller nor network; it sleeps, then takes the transaction back.
arm() {
  if [ "$init" = systemd ]; then # outside of the login's session, which may be killed as a whole
    systemd-run --quiet --unit="lbctl-revert-$txn" --description="Revert of an unconfirmed lbctl activation" -p Restart=on-abnormal \
      /bin/sh "$state/lbctl-node.sh" timer "$txn" "$1" >"$dir/output" 2>&1 8>&- 9>&- || failed=0
  else
    { exec </dev/null >/dev/null 2>&1 8>&- 9>&- && detached sh "$state/lbctl-node.sh" timer "$txn" "$1"; } &
  fi
  tries=0
  until [ -e "$dir/timer" ] || [ -n "$failed" ]; do
    [ "$tries" -lt 200 ] || { say "the revert timer did not start" >"$dir/output" && failed=0; }
    tries=$((tries + 1))
    sleep 0.05 2>/dev/null || sleep 1
  done
}

timer() {
  use_transaction "$1"
  trap 'kill "$child" 2>/dev/null; exit 0' TERM
  sleep "$2" &
  child=$!
  start_time $$
  say "$$ $started" >"$dir/timer.new" && mv -f "$dir/timer.new" "$dir/timer"
  wait "$child"
  trap - TERM
  lock_work_from_activation 600 || exit 1
  find_open
  [ "$open" != "$txn" ] || revert_now "not confirmed within $2 s"
}

disarm() {
  pid= since=
  { read -r pid since <"$dir/timer"; } 2>/dev/null || return 0
  [ "$pid" = $$ ] || ! alive "$pid" "$since" || kill "$pid" 2>/dev/null
}

# This script stays on the node, and a boot with an open transaction calls it before the network and the services come up.
install_settle() {
  umask 022
  number=0
  if ! cmp -s "$dir/lbctl-node.sh" "$state/lbctl-node.sh"; then
    if [ "$init" = systemd ]; then
      mkdir -p "$wants"
      say "$settle_systemd" >"$root/etc/systemd/system/lbctl-settle.service"
      ln -snf ../lbctl-settle.service "$wants/lbctl-settle.service"
      durable "$root/etc/systemd/system/lbctl-settle.service" "$root/etc/systemd/system" "$wants"
    elif [ "$init" != other ]; then install_settle_script; fi
    cp "$dir/lbctl-node.sh" "$state/.lbctl-node.sh.new" && durable "$state/.lbctl-node.sh.new" &&
      mv -f "$state/.lbctl-node.sh.new" "$state/lbctl-node.sh" || failed=0
  fi
  umask 077
}
install_settle_script() {
  if [ "$init" = openrc ]; then say "$settle_openrc"; else say "$settle_lsb"; fi >"$settle_script"
  chmod 0755 "$settle_script"
  durable "$settle_script"
  enable_script lbctl-settle
  changed='' && sync_changed
}
settle_systemd='# Written by lbctl; goes when lbctl leaves the node.
[Unit]
Description=Settle an lbctl activation that was cut short
DefaultDependencies=no
ConditionPathIsSymbolicLink=/var/lib/lbctl/open
RequiresMountsFor=/var/lib/lbctl /etc
After=local-fs.target
Wants=network-pre.target
Before=sysinit.target systemd-sysctl.service network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/lbctl/lbctl-node.sh boot

[Install]
WantedBy=sysinit.target'
settle_openrc='#!/sbin/openrc-run
# Written by lbctl; goes when lbctl leaves the node.
description="Settle an lbctl activation that was cut short"
depend() {
  want localmount
  after localmount mountall
  before net networking sysctl procps lbctl-realserver
}
start() {
  [ ! -L /var/lib/lbctl/open ] || /bin/sh /var/lib/lbctl/lbctl-node.sh boot
}'
# shellcheck disable=SC2016 # shell text that is written down
settle_lsb='#!/bin/sh
# Written by lbctl; goes when lbctl leaves the node.
# chkconfig: 2345 07 93
### BEGIN INIT INFO
# Provides:          lbctl-settle
# Required-Start:    $local_fs
# Required-Stop:
# X-Start-Before:    $network procps lbctl-realserver
# Default-Start:     S
# Default-Stop:
# Short-Description: Settle an lbctl activation that was cut short
### END INIT INFO
case ${1-} in
start) [ ! -L /var/lib/lbctl/open ] || exec /bin/sh /var/lib/lbctl/lbctl-node.sh boot ;;
esac'

# New files are put beside their places, all of them are on the disk, and then each is moved to its place in its turn.
carry_out() {
  say "armed $1"
  placed= changed=
  walk place
  # shellcheck disable=SC2086
  [ -z "$placed" ] || durable $placed
  [ -n "$failed" ] || walk carry
  [ -n "$failed" ] || sync_changed
}

# $temporary: the name beside a file
beside() { temporary=$root${1%/*}/.${1##*/}.lbctl-new; }

place_op() {
  [ "$1" = file ] || return 0
  beside "$2"
  make_folder "$root${2%/*}"
  if command -v install >/dev/null; then attempt install -m "$4" -o "${5%:*}" -g "${5#*:}" "$dir/release/files/$3" "$temporary"
  else install_file "$dir/release/files/$3" "$4" "$5"; fi
  placed="$placed $temporary"
}
# Not every BusyBox has install. The umask of cp is ours here: nobody reads a secret before it has its mode. Chown clears bits of it.
install_file() {
  { rm -f "$temporary" && cp "$1" "$temporary"; } 2>>"$dir/output" || { failed=$number && return; }
  attempt chown "$3" "$temporary" && attempt chmod "$2" "$temporary"
}
make_folder() { [ -d "$1" ] || attempt mkdir -p "$1"; }

carry_op() {
  [ -z "$interrupted" ] || { failed=$number && return; }
  true >"$dir/output"
  case $1 in
  sysctl) put_sysctl "$2" "$3" ;;
  sysctl-restore) ! prior_sysctl "$2" || put_sysctl "$2" "$value" ;;
  link-*) set_link "$2" "${1#link-}" ;;
  address-add) add_address "$2" "$3" ;;
  address-remove) remove_address "$2" "$3" ;;
  file)
    beside "$2"
    attempt mv -f "$temporary" "$root$2"
    changed="$changed $root${2%/*}"
    ;;
  file-remove)
    attempt rm -f "$root$2"
    changed="$changed $root${2%/*}"
    ;;
  unit-*) unit "${1#unit-}" "$2" ;;
  run) shift 2 && attempt "$@" ;;
  await) shift 2 && converge "$@" ;;
  esac
  [ -n "$failed" ] || say "done $number"
}

interrupt() {
  interrupted=yes
  [ -z "$child" ] || kill "$child" 2>/dev/null
}

# converge SECONDS COMMAND...: again and again until it succeeds or the time is over
converge() {
  read_uptime
  limit=$((up + $1)) left=$1
  shift
  until true >"$dir/output" && attempt timeout "$left" "$@"; do
    read_uptime
    left=$((limit - up))
    [ -z "$interrupted" ] && [ "$left" -gt 0 ] || return 0
    failed=
    sleep 0.2 2>/dev/null || sleep 1
  done
}

# It fails where it is so already; what counts is what the node holds then.
add_address() { put_address "$1" "$2" || { held='' && holds "$2 $1" && failed=; }; }
remove_address() { take_address "$1" "$2" || { held='' && ! holds "$2 $1" && failed=; }; }

put_sysctl() {
  sysctl_file "$1"
  { say "$2" >"$file"; } 2>>"$dir/output" || failed=$number
}
# $value: what a key was before lbctl first set it
prior_sysctl() {
  while read -r key value; do [ "$key" != "$1" ] || return 0; done <"$state/prior-sysctls"
  return 1
}

# unit enable|disable|start|stop NAME
unit() {
  case $init:$1:$boot in
  systemd:st*:yes) attempt systemctl --no-block "$1" "$2" ;; # the jobs of the boot come after us
  systemd:*) attempt systemctl --quiet "$1" "$2" ;;
  *:enable:yes) enable_script "$2" && start_missed "$2" ;;
  *:enable:*) enable_script "$2" ;;
  *:disable:*) disable_script "$2" ;;
  *:yes) ;; # the boot starts what is enabled
  openrc:*) attempt rc-service "$2" "$1" ;;
  *) attempt "$root/etc/init.d/$2" "$1" ;;
  esac
}
# A boot of scripts has made its list before it came to us: what a way back enables is not on it.
start_missed() {
  case $init in
  openrc) attempt rc-service --nodeps "$1" start ;;
  *) attempt "$root/etc/init.d/$1" start ;;
  esac
}

# ---- Scripts of /etc/init.d, and what makes the boot start them: before the network those that say so themselves ----

enable_script() {
  early=no
  ! grep -Eqs '^# Default-Start:.*S|^[[:blank:]]*before .*net' "$root/etc/init.d/$1" || early=yes
  case $init:$early in
  openrc:yes)
    # Debian's OpenRC mounts disks and starts the network in sysinit, all others in boot.
    if [ -e "$root/etc/runlevels/sysinit/mountall.sh" ]; then set -- "$1" sysinit; else set -- "$1" boot; fi
    attempt rc-update add "$@"
    ;;
  openrc:*) attempt rc-update add "$1" default ;;
  sysvinit:yes) enable_sysvinit "$1" "$(settle_first "$1" 07 08)" S ;;
  sysvinit:*) enable_sysvinit "$1" 20 2 3 4 5 ;;
  busybox:yes) attempt ln -snf "$1" "$root/etc/init.d/S$(settle_first "$1" 00 20)$1" ;;
  busybox:*) attempt ln -snf "$1" "$root/etc/init.d/S60$1" ;;
  esac
}
# Numbers: after the disks of sysvinit, before the network in its runlevels 2 to 5; of Buildroot's scripts after sysctls and
# modules, before S40network. What settles comes before the others.
settle_first() { if [ "$1" = lbctl-settle ]; then say "$2"; else say "$3"; fi; }

# enable_sysvinit NAME NUMBER RUNLEVEL...: where the tools know LSB headers they find number and runlevels themselves.
enable_sysvinit() {
  name=$1 order=$2
  shift 2
  if has_tool update-rc.d; then
    attempt update-rc.d "$name" start "$order" "$@" . || return
    find_start_links "$name"
    [ -n "$links" ] || attempt update-rc.d "$name" enable # it was disabled
  elif has_tool chkconfig; then
    attempt chkconfig --add "$name" && attempt chkconfig "$name" on
  else
    for level in "$@"; do attempt ln -snf "../init.d/$name" "$root/etc/rc$level.d/S$order$name" || return; done
  fi
}

has_tool() { [ -x "$root/usr/sbin/$1" ] || [ -x "$root/sbin/$1" ]; }

disable_script() {
  find_start_links "$1"
  [ -n "$links" ] || return 0
  case $init in
  openrc) for link in $links; do link=${link%/*} && attempt rc-update del "$1" "${link##*/}"; done ;;
  sysvinit)
    if has_tool update-rc.d; then attempt update-rc.d "$1" remove
    elif has_tool chkconfig; then attempt chkconfig --del "$1"
    else remove_links; fi
    ;;
  busybox) remove_links ;;
  esac
}
# shellcheck disable=SC2086
remove_links() { attempt rm -f $links; }

# Folders whose entries changed, and those where what makes the boot start something lives
sync_changed() {
  set +f
  set -- "$root"/etc/systemd/system "$root"/etc/systemd/system/*.wants
  [ "$init" = systemd ] ||
    set -- "$root"/etc/init.d "$root"/etc/init.d/.depend.* "$root"/etc/runlevels/* "$root"/etc/rc[S2345].d
  set -f
  folders=
  for folder in $changed "$@"; do
    [ ! -e "$folder" ] || folders="$folders $folder"
  done
  # shellcheck disable=SC2086
  [ -z "$folders" ] || durable $folders
}

# An operation failed, or was interrupted because the time was over.
give_up() {
  why="operation $failed failed"
  [ -z "$interrupted" ] || { why="stopped before it was done" && say "$why" >>"$dir/output"; }
  encode_output
  say "failed $failed $text"
  true >"$dir/returning"
  trap : TERM
  revert_now "$why"
  exit 7
}

# ---- The end: confirmed or reverted. Both may be cut short anywhere, and are then begun again by whoever comes next ----

confirm() {
  use_transaction "$1"
  lock_work 60 || { say "gone unfinished" && exit 7; }
  is_open
  [ -e "$dir/activated" ] || { say "gone unfinished" && exit 7; }
  { read -r began <"$dir/activated" && tell_step confirm "$began"; } 2>/dev/null
  aim_links && true >"$dir/confirmed" && durable "$dir" || { rm -f "$state"/current.new "$state"/previous.new && exit 1; }
  finish
  say confirmed
}

revert() {
  use_transaction "$1"
  lock_work_from_activation 600 || { say "gone unfinished" && exit 7; }
  is_open
  revert_now "on request"
}

# Else says how it ended, and exits.
is_open() {
  find_open
  [ "$open" != "$txn" ] || return 0
  find_end
  say "gone $how"
  exit 7
}
# $how: the way a transaction that is over ended
find_end() {
  case $(cat "$state/history.jsonl" 2>/dev/null) in
  *"\"transaction\":\"$txn\",\"result\":\"confirmed\""*) how=confirmed ;;
  *) how=reverted ;;
  esac
}

# `confirmed` is on the disk: from here there is only forward.
finish() {
  disarm
  stop_activation TERM
  [ ! -e "$dir/prior-sysctls" ] || mv -f "$dir/prior-sysctls" "$state/prior-sysctls"
  keep_release
  history confirmed -
  [ ! -e "$state/last" ] || rm -f "$state/last"
  remove_foreign_stages
  durable "$state/history.jsonl" "$state/releases" "$state"
  case "$newline$(cat "$state/current/manifest" 2>/dev/null)" in
  *"${newline}own "*)
    close_transaction
    remove_old_releases
    ;;
  *) leave ;;
  esac
}

# A release that is here already keeps its files (its name is their hash) and gets the new manifest and description.
keep_release() {
  release=$state/releases/$who_release
  mkdir -p "$state/releases"
  if [ ! -d "$release" ] && [ -d "$dir/release" ]; then mv "$dir/release" "$release"; fi
  for name in bundle.json manifest; do
    [ ! -e "$dir/release/$name" ] || mv -f "$dir/release/$name" "$release/$name"
  done
  [ -L "$state/current.new" ] || aim_links
  [ ! -L "$state/previous.new" ] || rename_link "$state/previous.new" "$state/previous"
  rename_link "$state/current.new" "$state/current"
}
# What `current` and `previous` will be: before the decision, since on a full disk there may be no room for them afterwards.
aim_links() {
  linked_release current
  [ -z "$name" ] || [ "$name" = "$who_release" ] || ln -snf "releases/$name" "$state/previous.new" || return
  ln -snf "releases/$who_release" "$state/current.new"
}

# Those beyond the number to keep, and those that are too old; never the confirmed one, nor the one before it.
remove_old_releases() {
  linked_release previous && previous=$name
  set +f
  set -- "$state"/releases/*
  set -f
  [ $# -gt 1 ] || return 0
  old=$newline$(find "$state/releases" -mindepth 1 -maxdepth 1 -mmin "+${who_age_minutes:-129600}")$newline
  count=0
  # shellcheck disable=SC2045 # newest first; names are hashes
  for name in $(ls -1t "$state/releases"); do
    count=$((count + 1))
    [ "$name" != "$who_release" ] && [ "$name" != "$previous" ] || continue
    case $old in
    *"/$name$newline"*) ;;
    *) [ "$count" -gt "${who_keep:-10}" ] || continue ;;
    esac
    rm -rf "${state:?}/releases/$name"
  done
}

# Nothing of lbctl's is left but the history.
leave() {
  rm -rf "$state/releases" "$state/current" "$state/previous" "$state/prior-sysctls" "$state/agent" "$run/agent.sock" \
    "$wants/lbctl-settle.service" "$root/etc/systemd/system/lbctl-settle.service"
  rmdir "$wants" 2>/dev/null
  find_init
  if [ "$init" = systemd ]; then systemctl daemon-reload 2>/dev/null; else
    disable_script lbctl-settle
    rm -f "$settle_script"
    changed= && sync_changed
  fi
  close_transaction
  rmdir "$state/stage" 2>/dev/null # others may be about to activate theirs
  rm -f "$state/lbctl-node.sh"
}

# history RESULT WHY: one line of who, what and how. Seconds count from the activation; null over a boot. A full file makes
# room for the next before the line is written, so that the newest lines are always in history.jsonl.
history() {
  since= seconds=null steps= why= record="{\"release\":\"$who_release\""
  [ ! -r "$dir/record" ] || read -r record <"$dir/record"
  [ -n "$boot" ] || { read -r since <"$dir/since" && read_uptime && seconds=$((up - since)); } 2>/dev/null
  { read -r steps <"$dir/steps"; } 2>/dev/null # its one line has no end yet
  [ "$2" = - ] || why=",\"why\":\"$2\""
  [ -z "$(find "$state/history.jsonl" -size +2048 2>/dev/null)" ] || mv -f "$state/history.jsonl" "$state/history.jsonl.1"
  say "$record,\"transaction\":\"$txn\",\"result\":\"$1\"$why,\"steps\":{${steps%,}},\"seconds\":$seconds,\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}" >>"$state/history.jsonl"
}

# `over` lets a later stage remove what a crash in here leaves of the folder.
close_transaction() {
  true >"$dir/over"
  find_open
  [ "$open" != "$txn" ] || rm -f "$state/open" "$state/current.new" "$state/previous.new"
  durable "$state"
  cd / && rm -rf "$dir"
}

# revert_now REASON: back to what the journal says; the caller holds the work lock
revert_now() {
  [ ! -e "$dir/confirmed" ] || { finish && say "gone confirmed" && return; }
  interrupted= number=0 changed= trouble= unrestored=
  find_init
  find_open
  [ ! -e "$dir/journal" ] || play_back
  failed=
  [ -n "$boot" ] || [ "$open" != "$txn" ] || walk handle
  sync_changed
  disarm
  how=reverted
  [ -z "$trouble" ] || { how=revert-failed && say "$trouble" >"$dir/output"; }
  history "$how" "$1"
  keep_last "$1"
  durable "$state/last" "$state/history.jsonl"
  encode_output
  if [ -z "$unrestored" ]; then # else the transaction stays open: the next boot or controller tries again
    stop_activation TERM
    if [ -e "$state/current" ]; then close_transaction; else leave; fi
  fi
  if [ "$how" = reverted ]; then say reverted; else say "revert-failed $text"; fi
}

tell_end() { say "release $who_release by $who_by since $who_since: $1 ($2)"; }
# On a full disk, what the activation wrote beforehand
keep_last() {
  { tell_end "$how" "$1" >"$dir/last.new"; } 2>/dev/null && mv -f "$dir/last.new" "$dir/last"
  [ ! -e "$dir/last" ] || mv -f "$dir/last" "$state/last"
}

play_back() {
  reload=
  while read -r kind subject value <&3; do
    failed=
    true >"$dir/output"
    case $kind:$boot in
    file:*)
      restore_file "$subject" "$value"
      unit_file_changed "$subject"
      ;;
    absent:*)
      beside "$subject"
      attempt rm -f "$root$subject" "$temporary"
      changed="$changed $root${subject%/*}"
      unit_file_changed "$subject"
      ;;
    folder:*) [ ! -d "$root$subject" ] || rmdir "$root$subject" 2>/dev/null ;;
    unit-*)
      reload_units
      unit "${kind#unit-}" "$subject"
      ;;
    *:yes) ;; # what follows is of a kernel that is gone
    sysctl:) put_sysctl "$subject" "$value" ;;
    link-*) set_link "$subject" "${kind#link-}" ;;
    address-add:) add_address "$subject" "$value" ;;
    address-remove:) remove_address "$subject" "$value" ;;
    esac
    [ -z "$failed" ] || note_trouble "$kind $subject"
    case $failed:$kind in 0:file | 0:absent) unrestored=yes ;; esac
  done 3<"$dir/journal"
  reload_units
}

unit_file_changed() { case $1 in /etc/systemd/system/*) reload=yes ;; esac }
reload_units() {
  [ "$reload:$init" = yes:systemd ] || return 0
  systemctl daemon-reload 2>/dev/null
  reload=
}

restore_file() {
  beside "$1"
  changed="$changed $root${1%/*}"
  make_folder "$root${1%/*}"
  attempt rm -f "$temporary" || return
  ! unchanged "$root$1" "$dir/backup/$2" || return 0
  attempt cp -pP "$dir/backup/$2" "$temporary" || second_name "$dir/backup/$2" || return
  [ -L "$temporary" ] || durable "$temporary"
  attempt mv -f "$temporary" "$root$1"
}

# A full disk has room for another name of the backup still.
second_name() {
  [ ! -L "$1" ] && rm -f "$temporary" && ln "$1" "$temporary" 2>>"$dir/output" && failed=
}

# Mode and owner of a file
access_of() { stat -c '%a %u:%g' "$1"; }

# unchanged FILE BACKUP: nothing was put in its place, or it is back already: then not even a read-only folder is in the way
unchanged() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ ! -L "$2" ] && cmp -s "$1" "$2" &&
    [ "$(access_of "$1")" = "$(access_of "$2")" ]
}

# The handlers once more, now for the old state: the way back the controller sent with it, or the old release's handler of that
# name. Where neither is known the same command runs again, and may well find nothing left to tell. None of them can stop the rest.
way_back() { attempt timeout 30 "$@"; }
withdrawn=
handle_withdraw() {
  withdrawn=$1
  shift
  true >"$dir/output"
  way_back "$@" || note_trouble withdraw
  failed=
}
handle_op() {
  [ "$1" = run ] && [ "$withdrawn" != "$number" ] || return 0
  name=$2 known=
  shift 2
  true >"$dir/output"
  # shellcheck disable=SC1091
  [ ! -e "$state/current/manifest" ] || . "$state/current/manifest"
  [ -n "$known" ] || way_back "$@"
  failed=
}
# Lines of the old release's manifest
handler() {
  [ "$1" = "$name" ] || return 0
  known=yes
  shift
  way_back "$@" || note_trouble "$name"
}
own() { :; }

note_trouble() { trouble="$trouble$1: $(cat "$dir/output")$newline"; }

# What an earlier controller left open is brought to its end; fails when that could not be done. The caller holds the controller's
# lock, so nobody waits for what may still be at work: it is to take itself back. The work lock is taken here, and kept.
settle_open() {
  mine=$txn
  find_open
  [ -z "$open" ] || use_transaction "$open"
  lock_work_from_activation 120 || { say "locked - - -" && exit 6; }
  find_open
  [ -n "$open" ] || [ ! -L "$state/open" ] || rm -f "$state/open"
  if [ "$txn" != "$mine" ]; then
    left="$txn $who_release $who_since $who_by"
    find_end
    [ -z "$open" ] || how=$(revert_now "abandoned by its controller")
    how=${how#gone }
    say "settled ${how%% *} $left"
    [ -z "$mine" ] || use_transaction "$mine"
  fi
  [ ! -L "$state/open" ]
}

settle() {
  txn=
  find_open
  [ -n "$open" ] || { say "settled nothing" && exit 0; }
  lock_controller
  settle_open
}

# Called by the boot
boot() {
  boot=yes txn=
  lock_work 60 || exit 1
  find_open
  [ -n "$open" ] || exit 0
  use_transaction "$open"
  revert_now "the node went down before it was confirmed"
}

# ==== What it was called for ====
case ${1-} in
stage | activate | timer | confirm | revert | abort | settle | boot)
  umask 077
  "$@"
  exit
  ;;
*)
  say "usage: lbctl-node.sh stage|activate|confirm|revert|abort|settle ...; see docs/node-protocol.md" >&2
  exit 3
  ;;
esac
