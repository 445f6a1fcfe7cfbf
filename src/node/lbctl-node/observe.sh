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
