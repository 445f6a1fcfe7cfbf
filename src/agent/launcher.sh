#!/bin/sh
# Starts the agent beside this file (symbolic links resolved) with the first Node of version 20 or later among:
# $LBAGENT_NODE, the runtime that lbctl brought, node in PATH.
set -eu

self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
home=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)

runtime=/opt/lbctl/runtime/current/node

# `node --version` answers in a tenth of the time of a script.
recent() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 20 ] 2>/dev/null
}

for node in "${LBAGENT_NODE:-}" "$runtime" "$(command -v node || :)"; do
  [ -n "$node" ] && [ -x "$node" ] || continue
  if [ "$node" = "$runtime" ] || recent "$node"; then
    exec "$node" "$home/lbagent.cjs" "$@"
  fi
done

echo "lbagent: no Node.js 20 or later: not in LBAGENT_NODE, not at $runtime, not in PATH" >&2
echo "lbagent: \`lbctl agent install\` brings one" >&2
exit 127
