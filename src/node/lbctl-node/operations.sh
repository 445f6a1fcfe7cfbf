# ---- What the controller sent is shell text: each line calls `op`, `withdraw`, `check`, `own` or `handler` ----

# walk PHASE: calls PHASE_op for each operation, until $failed is set
walk() {
  phase=$1
  # shellcheck disable=SC1091
  . "$dir/operations"
}
op() {
  [ -z "$failed" ] || return 0
  number=$1
  shift
  "${phase}_op" "$@"
}
withdraw() { [ "$phase" != handle ] || handle_withdraw "$@"; }

# $txn, $dir and $who_...: the transaction this is about
use_transaction() {
  txn=$1 dir=$state/stage/$1
  # shellcheck disable=SC1091
  [ ! -e "$dir/who" ] || . "$dir/who"
}
