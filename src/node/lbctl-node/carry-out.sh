# ---- Carrying out: the operations, in their order ----

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
