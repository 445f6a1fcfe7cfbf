# ---- keepalived: how it runs, and the programs that it runs ----

# `keepalived KEY=VALUE`: of what systemd runs, when it last changed its state, its children as PID:STATE, the first of its pid files and what that
# names, and when its configuration was written. Times in UTC; that of the state also as LoadTime, by the seconds since and the clock of now: what
# the clock said then may be wrong by as much as it was set since, as soon after a boot.
examine_keepalived() {
  main=0 since=
  shown=$(TZ=UTC0 systemctl show -p Type -p MainPID -p StateChangeTimestamp -p StateChangeTimestampMonotonic keepalived.service 2>/dev/null)
  IFS=$newline
  for line in $shown; do
    say "keepalived $line"
    case $line in
    MainPID=*) main=${line#*=} ;;
    StateChangeTimestampMonotonic=?*) since=${line#*=} && since=${since%??????} ;; # of microseconds
    esac
  done
  IFS=$blanks
  [ "$main" -gt 0 ] || return 0
  if children=$(cat "$root/proc/$main/task/$main/children" 2>/dev/null); then
    states=
    for pid in $children; do
      { read -r line <"$root/proc/$pid/stat"; } 2>/dev/null || continue
      line=${line##*) } && states="$states $pid:${line%% *}"
    done
    say "keepalived Children=${states# }"
  fi
  for file in /run/keepalived.pid /run/keepalived/keepalived.pid; do
    { read -r pid <"$root$file"; } 2>/dev/null || continue
    say "keepalived PidFile=$file $pid" && break
  done
  read_uptime
  [ -z "$since" ] || say "keepalived LoadTime=$(date -u -d "@$((clock - up + since))" '+%Y-%m-%d %H:%M:%S')"
  say "keepalived ConfigurationTime=$(TZ=UTC0 stat -L -c %y "$root/etc/keepalived/keepalived.conf" 2>/dev/null)"
}

# `program PATH` for each that was asked for and `way PATH TARGET` for where it is without symbolic links to folders, and for what it leads to
# where it is one itself; then `path MODE UID GID PATH` for each file and folder on these ways, the mode as inode(7) has it, in hexadecimal
examine_programs() {
  steps=$newline
  for path in $asked_programs; do
    say "program $path"
    cd -P "$root${path%/*}/" 2>/dev/null || continue
    examine_way "${PWD%/}/${path##*/}"
    [ ! -L "$way" ] || { target=$(readlink -f "$way" 2>/dev/null) && examine_way "$target"; }
  done
  cd /
  [ "$steps" != "$newline" ] || return 0
  IFS=$newline
  # shellcheck disable=SC2086 # a line for each
  stat -c 'path %f %u %g %n' $steps 2>/dev/null | sed "s| $root/| /|"
  IFS=$blanks
}

# Notes the path $way, all folders above it and itself, below $root
examine_way() {
  way=$1 rest=${1#"$root"/} step=$root
  say "way $path ${way#"$root"}"
  case $steps in *"$newline$root/$newline"*) ;; *) steps=$steps$root/$newline ;; esac
  while [ -n "$rest" ]; do
    step=$step/${rest%%/*}
    case $steps in *"$newline$step$newline"*) ;; *) steps=$steps$step$newline ;; esac
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
  done
}
