# ---- Releases: what stays on the node ----

# A release that is here already keeps its files (its name is their hash) and gets the new manifest and description.
keep_release() {
  release=$state/releases/$who_release
  mkdir -p "$state/releases"
  if [ ! -d "$release" ] && [ -d "$dir/release" ]; then mv "$dir/release" "$release"; fi
  for name in bundle.json manifest; do
    [ ! -e "$dir/release/$name" ] || mv -f "$dir/release/$name" "$release/$name"
  done
  [ -L "$state/current.new" ] || aim_links
  [ ! -L "$state/previous.new" ] || rename_link "$state/previous.new" "$state/previous"
  rename_link "$state/current.new" "$state/current"
}
# What `current` and `previous` will be: before the decision, since on a full disk there may be no room for them afterwards.
aim_links() {
  linked_release current
  [ -z "$name" ] || [ "$name" = "$who_release" ] || ln -snf "releases/$name" "$state/previous.new" || return
  ln -snf "releases/$who_release" "$state/current.new"
}

# Those beyond the number to keep, and those that are too old; never the confirmed one, nor the one before it.
remove_old_releases() {
  linked_release previous && previous=$name
  set +f
  set -- "$state"/releases/*
  set -f
  [ $# -gt 1 ] || return 0
  old=$newline$(find "$state/releases" -mindepth 1 -maxdepth 1 -mmin "+${who_age_minutes:-129600}")$newline
  count=0
  # shellcheck disable=SC2045 # newest first; names are hashes
  for name in $(ls -1t "$state/releases"); do
    count=$((count + 1))
    [ "$name" != "$who_release" ] && [ "$name" != "$previous" ] || continue
    case $old in
    *"/$name$newline"*) ;;
    *) [ "$count" -gt "${who_keep:-10}" ] || continue ;;
    esac
    rm -rf "${state:?}/releases/$name"
  done
}

# Nothing of lbctl's is left but the history.
leave() {
  rm -rf "$state/releases" "$state/current" "$state/previous" "$state/prior-sysctls" "$state/agent" "$run/agent.sock" \
    "$wants/lbctl-settle.service" "$root/etc/systemd/system/lbctl-settle.service"
  rmdir "$wants" 2>/dev/null
  find_init
  if [ "$init" = systemd ]; then systemctl daemon-reload 2>/dev/null; else
    disable_script lbctl-settle
    rm -f "$settle_script"
    changed= && sync_changed
  fi
  close_transaction
  rmdir "$state/stage" 2>/dev/null # others may be about to activate theirs
  rm -f "$state/lbctl-node.sh"
}
