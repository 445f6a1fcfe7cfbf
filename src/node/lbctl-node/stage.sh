# ---- stage TXN: checks what was sent; nothing live is touched ----

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
