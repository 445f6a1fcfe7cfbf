# ---- activate TXN SECONDS: the way from a stage to a release that waits for its confirmation ----

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
