# ---- History: one line for each transaction ----

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
