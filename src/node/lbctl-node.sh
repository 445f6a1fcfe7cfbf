#!/bin/sh
# lbctl-node.sh: what lbctl does on a node, all of it. POSIX sh; docs/node-protocol.md tells who calls what and why.
#
# The first half only looks: it is sent over SSH, prints what the node holds, and leaves nothing behind.
# The second half changes: stage, activate, confirm, revert, settle. The rule it lives by: what will be replaced is on disk,
# as a journal of undo steps, before the first change; from then on the node is on the old release until somebody confirms.
#
# Its chapters are the files of lbctl-node/: lbctl puts each in place of the line that includes it before anything is sent. Those of
# FreeBSD come last in each half: on a host that says it is FreeBSD their functions take the place of those of the same name.
#
# Words the controller sent (paths, names, keys) are made of letters, digits and . _ / @ : + - and need no quotes in lists.
# shellcheck disable=SC2317 # functions are called by name: by the last lines, and by the lists the controller sends
# shellcheck disable=SC2154 # who_...: variables of the controller's list `who`
# shellcheck disable=SC1007,SC2015 # `a= b=` empties both; `a && b || c`: c is to run when b fails, too
set -u
set -f # patterns are expanded only where `set +f` says so
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
newline='
'
blanks=$IFS
root=${LBCTL_ROOT-} # a folder that stands for /, for tests
state=$root/var/lib/lbctl
opt=$root/opt/lbctl
run=$root/run/lbctl # locks: gone after a boot, as their holders are
system=Linux
# shellcheck disable=SC2034 # the chapters of FreeBSD ask for it
[ -d "$root/proc/sys" ] || system=$(uname -s)

say() { printf '%s\n' "$*"; }

# include reading.sh
# include observe.sh
# include freebsd-reading.sh

# ==== Everything below changes the node. ====

# include changing.sh
# include locks.sh
# include operations.sh
# include stage.sh
# include activate.sh
# include journal.sh
# include timer.sh
# include settle-service.sh
# include carry-out.sh
# include units.sh
# include confirm.sh
# include releases.sh
# include history.sh
# include revert.sh
# include settle.sh
# include freebsd-changing.sh

# ==== What it was called for ====
case ${1-} in
stage | activate | timer | confirm | revert | abort | settle | boot)
  umask 077
  "$@"
  exit
  ;;
*)
  say "usage: lbctl-node.sh stage|activate|confirm|revert|abort|settle ...; see docs/node-protocol.md" >&2
  exit 3
  ;;
esac
