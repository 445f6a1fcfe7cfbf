# ---- The way back ----

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
