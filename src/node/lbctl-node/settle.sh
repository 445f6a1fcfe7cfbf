# ---- settle TXN and boot: what an earlier controller left open is brought to its end ----

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
