#!/bin/sh
# lbctl-lock.sh: the lock that keeps a second operator out of a node, all of it. POSIX sh; docs/node-protocol.md tells the records.
#
# It is sent over SSH with one call below it: take, renew, give_back, hold or lift. Two files say who has the node:
#   /run/lbctl/lease      a run at work: RUN UNTIL BOOT WHAT SINCE FROM PROCESS BY. It ends by itself: UNTIL counts seconds since the
#                         boot BOOT, so that no clock of any machine matters and a boot ends it too.
#   /var/lib/lbctl/hold   a person: SINCE FROM BY MESSAGE. It stays until it is lifted.
# What reads and writes them does so one at a time, under flock(2). On FreeBSD the lease is in /var/run/lbctl.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
root=${LBCTL_ROOT-} # a folder that stands for /, for tests
run=$root/run/lbctl
state=$root/var/lib/lbctl
umask 022

say() { printf '%s\n' "$*"; }

enter() {
  [ -d "$run" ] || mkdir -p "$run" || exit 1
  lock_lease || exit 1
  read_lease
}

lock_lease() {
  command -v flock >/dev/null || { say "refused tool flock -" && exit 1; }
  exec 6>>"$run/lease.lock" && flock 6
}

# $now: what names this boot; $up: whole seconds since then
read_boot() {
  now=-
  { read -r now <"$root/proc/sys/kernel/random/boot_id"; } 2>/dev/null
  read -r up _ </proc/uptime && up=${up%.*}
}

# FreeBSD's words for the same; the chapters of FreeBSD in lbctl-node/ tell them and the lock.
if [ ! -d "$root/proc/sys" ] && [ "$(uname -s)" = FreeBSD ]; then
  run=$root/var/run/lbctl

  lock_lease() {
    pipe=$run/lease.$$ answer=''
    rm -f "$pipe" "$pipe.answer"
    mkfifo "$pipe" "$pipe.answer" || return 1
    lockf -ks "$run/lease.lock" sh -c 'echo held; exec cat >/dev/null' <"$pipe" >"$pipe.answer" 2>/dev/null &
    exec 6>"$pipe"
    read -r answer <"$pipe.answer"
    rm -f "$pipe" "$pipe.answer"
    [ -n "$answer" ]
  }

  read_boot() {
    now=$(sysctl -b kern.boot_id 2>/dev/null | od -An -tx1 | tr -d ' \n')
    now=${now:--}
    # shellcheck disable=SC2046 # the words of `{ sec = 1700000000, usec = 5 } Tue Nov 14 ...`
    set -- "$(date +%s)" $(sysctl -n kern.boottime)
    up=$(($1 - ${5%,}))
  }
fi

# $lease: the run that has the lock, empty for none; $of: what else is known of it; $over: its time has run out
read_lease() {
  lease='' until=0 boot='' of='' over=''
  { read -r lease until boot of <"$run/lease"; } 2>/dev/null
  read_boot
  [ "$boot" = "$now" ] && [ "$until" -gt "$up" ] || over=yes
}

# write_lease RUN SECONDS OF...
write_lease() {
  name=$1 seconds=$2
  shift 2
  say "$name $((up + seconds)) $now $*" >"$run/lease.new" && mv -f "$run/lease.new" "$run/lease" || exit 1
}

refuse_held() {
  [ ! -r "$state/hold" ] || { read -r line <"$state/hold" && say "hold $line" && exit 6; }
}
refuse_leased() { say "lease $lease $of" && exit 6; }

# take RUN SECONDS DEAD WHAT SINCE FROM PROCESS BY: DEAD is a run whose controller is known to be gone, or -
take() {
  enter
  refuse_held
  if [ -n "$lease" ] && [ "$lease" != "$1" ]; then
    [ -n "$over" ] || [ "$lease" = "$3" ] || refuse_leased
    say "stale $lease $of"
  fi
  wanted=$1 seconds=$2
  shift 3
  write_lease "$wanted" "$seconds" "$@"
  if cd -P "$state/current" 2>/dev/null; then say "taken ${PWD##*/}"; else say "taken -"; fi
}

# renew RUN SECONDS: also a lease that has run out, unless another run has begun since
renew() {
  enter
  [ "$lease" = "$1" ] || { say "lost $lease $of" && exit 6; }
  write_lease "$1" "$2" "$of"
  say renewed
}

give_back() {
  enter
  [ "$lease" != "$1" ] || rm -f "$run/lease"
  say released
}

# hold SINCE FROM BY MESSAGE
hold() {
  enter
  refuse_held
  [ -z "$lease" ] || [ -n "$over" ] || refuse_leased
  mkdir -p "$state" && say "$*" >"$state/hold.new" && { fsync "$state/hold.new" || sync "$state/hold.new"; } 2>/dev/null
  mv -f "$state/hold.new" "$state/hold" || exit 1
  say held
}

# lift BY yes|no: what BY holds; with yes whoever's hold it is, and the lease of a run as well
lift() {
  enter
  if [ -r "$state/hold" ]; then
    read -r since from by message <"$state/hold"
    [ "$by" = "$1" ] || [ "$2" = yes ] || { say "hold $since $from $by $message" && exit 6; }
    rm -f "$state/hold" || exit 1
    say "lifted hold $since $from $by $message"
  fi
  if [ -n "$lease" ] && [ -z "$over" ]; then
    [ "$2" = yes ] || refuse_leased
    rm -f "$run/lease" || exit 1
    say "lifted lease $lease $of"
  fi
  say released
}
