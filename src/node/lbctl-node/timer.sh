# ---- timer TXN SECONDS: takes the transaction back unless somebody confirms it ----

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
