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
