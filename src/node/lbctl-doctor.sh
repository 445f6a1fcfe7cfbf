# lbctl-doctor.sh: what `lbctl doctor` looks at on a node besides what `lbctl plan` does. POSIX sh; it only looks.
# Its chapter on keepalived is put in place of the line that includes it, as those of lbctl-node.sh are.
# Sent after the first half of lbctl-node.sh, whose functions it uses; `examine` prints it.
# shellcheck shell=sh
# shellcheck disable=SC1007 # `a= b=` empties both
# shellcheck disable=SC2154 # root, newline, kernel: of lbctl-node.sh

asked_modules= asked_units= asked_routes= asked_neighbours= asked_names= asked_receivers= asked_programs= asked_keepalived=

ask() {
  case $1 in
  module) asked_modules="$asked_modules $2" ;;
  unit) asked_units="$asked_units $2" ;;
  route) asked_routes="${asked_routes}route get $2$newline" ;;
  name) asked_names="$asked_names $2" ;;
  receiver) asked_receivers="$asked_receivers $2" ;;
  keepalived) asked_keepalived=yes ;;
  program) asked_programs="$asked_programs $2" ;;
  neighbour) asked_neighbours="${asked_neighbours}neigh show to $2$newline" ;;
  esac
}

examine() {
  { read -r kernel <"$root/proc/sys/kernel/osrelease"; } 2>/dev/null || kernel=
  clock=$(date +%s)
  say "clock $clock"
  examine_switches
  examine_kept
  examine_boot_modules
  for name in $asked_modules; do examine_module "$name"; done
  examine_addresses
  examine_routes
  examine_neighbours
  for name in $asked_names; do examine_name "$name"; done
  examine_offload
  [ -z "$asked_keepalived" ] || examine_keepalived
  examine_programs
  examine_ipvs
  examine_container
  examine_filter
  units=$asked_units
  [ -z "$units" ] || observe_units
  say end
}

# What the kernel's switches are: `switch PATH:VALUE`, the path below /proc/sys.
examine_switches() {
  set +f
  grep -sH '' "$root"/proc/sys/net/ipv4/conf/*/arp_ignore "$root"/proc/sys/net/ipv4/conf/*/arp_announce \
    "$root"/proc/sys/net/ipv4/conf/*/rp_filter "$root"/proc/sys/net/ipv4/conf/*/send_redirects \
    "$root"/proc/sys/net/ipv4/ip_forward "$root"/proc/sys/net/ipv4/neigh/default/gc_thresh3 \
    "$root"/proc/sys/net/ipv4/vs/* | sed "s|^$root/proc/sys/|switch |"
  set -f
}

# What the next boot sets, in its order (sysctl.d(5): by file name, whatever the folder; of one name the first folder's): `kept FILE LINE`
examine_kept() {
  seen=
  set +f
  for file in "$root"/etc/sysctl.d/*.conf "$root"/run/sysctl.d/*.conf "$root"/usr/local/lib/sysctl.d/*.conf \
    "$root"/usr/lib/sysctl.d/*.conf "$root"/lib/sysctl.d/*.conf; do
    [ -r "$file" ] || continue
    case " $seen" in *" ${file##*/} "*) ;; *) seen="$seen${file##*/} " && say "${file##*/} $file" ;; esac
  done | sort | while read -r _ file; do
    grep '^[[:blank:]]*[^#;[:blank:]]' "$file" | while read -r line; do say "kept ${file#"$root"} $line"; done
  done
  set -f
}

# Modules that the next boot loads (modules-load.d(5); Debian reads /etc/modules as well)
examine_boot_modules() {
  set +f
  cat "$root"/etc/modules "$root"/etc/modules-load.d/*.conf "$root"/run/modules-load.d/*.conf \
    "$root"/usr/local/lib/modules-load.d/*.conf "$root"/usr/lib/modules-load.d/*.conf 2>/dev/null |
    sed -n 's/^[[:blank:]]*\([^#;[:blank:]][^[:blank:]]*\).*/boot-module \1/p'
  set -f
}

examine_module() {
  if grep -qs "/$1\.ko" "$root/lib/modules/$kernel/modules.builtin"; then say "module $1 builtin"
  else observe_module "$1"; fi
}

# Addresses that the kernel does not use as they stand: `flagged DEVICE CIDR FLAG`
examine_addresses() {
  ip -o -6 address show 2>/dev/null | while read -r _ device _ cidr rest; do
    for flag in dadfailed tentative; do
      case " $rest " in *" $flag "*) say "flagged ${device%:} $cidr $flag" ;; esac
    done
  done
}

# `default FAMILY WORDS` for each default route, `route WORDS` for the way to each address that was asked for
examine_routes() {
  ip -o -4 route show default 2>/dev/null | sed -n 's/^default /default 4 /p'
  ip -o -6 route show default 2>/dev/null | sed -n 's/^default /default 6 /p'
  [ -z "$asked_routes" ] || printf '%s' "$asked_routes" | ip -force -batch - 2>/dev/null |
    sed -n 's/^\([0-9a-f][0-9a-f.:]*\) /route \1 /p'
}

# `neighbour ADDRESS DEVICE MAC` for what the kernel knows of the addresses that were asked for
examine_neighbours() {
  [ -z "$asked_neighbours" ] || printf '%s' "$asked_neighbours" | ip -force -batch - 2>/dev/null |
    sed -n 's/^\([0-9a-f][0-9a-f.:]*\) dev \([^ ]*\) lladdr \([^ ]*\) .*/neighbour \1 \2 \3/p'
}

# Where addresses are set up at a boot, or by hand: `named ADDRESS FILE` for each file there that names the address
examine_name() {
  for folder in etc/rc.local etc/rc.d etc/init.d etc/default etc/conf.d etc/network etc/netplan etc/sysconfig etc/systemd \
    etc/NetworkManager etc/local.d etc/keepalived usr/local/bin usr/local/sbin; do
    grep -rlsFw -e "$1" "$root/$folder"
  done | while read -r file; do say "named $1 ${file#"$root"}"; done
}

# `lro INTERFACE DEVICE on|off` for each interface that was asked for: of the NICs below it, or of itself
examine_offload() {
  [ -n "$asked_receivers" ] && command -v ethtool >/dev/null || return 0
  for name in $asked_receivers; do
    find_lowest "$name"
    for device in $lowest; do
      ethtool -k "$device" 2>/dev/null | while read -r key value _; do
        case $key in large-receive-offload:) say "lro $name $device $value" ;; esac
      done
    done
  done
}

# $lowest: what of an interface has no other below it: the NICs of a bond, or of a VLAN on one (sysfs has a link lower_NAME for each)
find_lowest() {
  above=" $1" lowest=
  while [ -n "$above" ]; do
    device=${above##* } above=${above% *}
    set +f
    set -- "$root/sys/class/net/$device"/lower_*
    set -f
    if [ -e "$1" ]; then for link in "$@"; do above="$above ${link##*/lower_}"; done
    else lowest="$lowest $device"; fi
  done
}

# Rows of the connection table, from the table's head: `IP Virtual Server version 1.2.1 (size=4096)`
examine_ipvs() {
  { read -r line <"$root/proc/net/ip_vs"; } 2>/dev/null || return 0
  case $line in *'(size='*) rows=${line##*=} && say "connection-rows ${rows%)}" ;; esac
}

# Which kind of container this is. systemd keeps what it was told when it came up (systemd-detect-virt(1)); others say it to their first process.
examine_container() {
  find_init
  kind=
  { read -r kind <"$root/run/systemd/container"; } 2>/dev/null
  if [ -n "$kind" ]; then say "container $kind"
  elif [ -e "$root/.dockerenv" ]; then say "container docker"
  elif [ -e "$root/run/.containerenv" ]; then say "container podman"
  elif [ "$init" != systemd ]; then
    { tr '\000' '\n' <"$root/proc/1/environ"; } 2>/dev/null | sed -n 's/^container=\(.\)/container \1/p'
  fi
}

# The packet filters, each by one process, and only where the kernel has it in use already: a program that lists one would load it.
# `filter-unread` where there is one that nothing here can list, or that is larger than 256 KiB. A kernel without a folder of modules, as that of
# many containers, loads none, and does not tell what it has built in.
examine_filter() {
  examine_iptables iptables ip_tables_names
  examine_iptables ip6tables ip6_tables_names
  [ -d "$root/sys/module/nf_tables" ] || [ ! -d "$root/lib/modules/$kernel" ] ||
    grep -qs '/nf_tables\.ko' "$root/lib/modules/$kernel/modules.builtin" || return 0
  text=$(nft -j list ruleset 2>/dev/null | head -c 262144)
  if [ -n "$text" ]; then say "nft $text"; else say filter-unread; fi
}

# examine_iptables PROGRAM NAMES: the kernel tells the tables of the old kind that are in use in a file of that name below /proc/net
examine_iptables() {
  name=
  { read -r name <"$root/proc/net/$2"; } 2>/dev/null
  [ -n "$name" ] || return 0
  for tool in "$1-legacy-save" "$1-save"; do
    command -v "$tool" >/dev/null || continue
    text=$("$tool" 2>/dev/null | head -c 262144 | sed -n "s/^[*:C-]/$1 &/p")
    [ -z "$text" ] || { say "$text" && return; }
  done
  say filter-unread
}

# include keepalived.sh
