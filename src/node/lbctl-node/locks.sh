# ---- Locks. flock(2): the kernel lets go of them with their holder, so none is ever stale ----
# controller.lock (8) is held for as long as a controller that activates stays connected; its text says who, and which process works.
# work.lock (9) is held by whoever changes the node right now: one activation, confirmation or way back at a time.

lock_controller() {
  take_lock controller 8 1 && return 0
  since=- from=- by=-
  { read -r _ _ _ since from by <"$run/controller.lock"; } 2>/dev/null
  say "locked $since $from $by"
  exit 6
}

# lock_work SECONDS
lock_work() { take_lock work 9 "$1"; }

take_lock() {
  [ -d "$run" ] || (umask 022 && mkdir -p "$run")
  eval "exec $2>>\$run/$1.lock"
  tries=0
  until flock -n "$2"; do
    [ "$tries" -lt "$3" ] || return 1
    tries=$((tries + 1))
    sleep 1
  done
}

# alive PID START: whether the process is there and is still the same
alive() { [ -n "$1" ] && start_time "$1" && [ "$started" = "$2" ]; }

# stop_activation SIGNAL: an activation at work takes back what it has done; one that waits for its controller just ends.
stop_activation() {
  pid= since= of=
  { read -r pid since of _ <"$run/controller.lock"; } 2>/dev/null
  [ "$of" = "$txn" ] && [ "$pid" != $$ ] && alive "$pid" "$since" && kill "-$1" "$pid" 2>/dev/null
}

# The controller's lock is kept by a process that reads standard input to its end. So it is free as soon as the controller is gone,
# also while what it began is still at work here.
watch_controller() {
  exec 7<&0 # what starts in the background reads /dev/null, unless told otherwise
  while read -r _; do :; done <&7 >/dev/null 2>&1 9>&- &
  watcher=$!
  trap 'kill "$watcher" 2>/dev/null' EXIT
  exec 8>&- 7<&- </dev/null
}

# lock_work_from_activation SECONDS
lock_work_from_activation() {
  lock_work 0 && return 0
  stop_activation TERM
  lock_work 20 && return 0
  [ ! -e "$dir/returning" ] || ! lock_work "$1" || return 0 # its handlers take their time
  stop_activation KILL
  lock_work "$1"
}
