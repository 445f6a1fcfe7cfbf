# ---- Changing: programs run without our locks, and each kind of change that a system may make otherwise ----

wants=$root/etc/systemd/system/sysinit.target.wants
settle_script=$root/etc/init.d/lbctl-settle
failed= interrupted= child= boot= number=0

# What lbctl needs of a node to change it: base utilities of every Linux.
tools='base64 chmod chown cmp cp date df find flock grep ip mv rm sha256sum sleep stat sync tail tar timeout'

# The files and folders given are on the disk when this returns. An old sync knows no files and syncs everything.
durable() { sync "$@" 2>/dev/null || sync; }

# rename_link LINK NAME: in one step, though NAME be a link to a folder
rename_link() { mv -fT "$1" "$2"; }

# Goes on as a process outside of the login's session
detached() { exec setsid "$@"; }

load_module() { attempt modprobe "$1"; }
set_link() { attempt ip link set dev "$1" "$2"; }
# CIDR DEVICE
put_address() { attempt ip address add "$1" dev "$2"; }
take_address() { attempt ip address del "$1" dev "$2"; }

# $text: what the last command said, its last 4000 bytes in base64; - for nothing
encode_output() {
  text=-
  [ -s "$dir/output" ] || return 0
  tail -c 4000 "$dir/output" >"$dir/output.tail"
  encode "$dir/output.tail"
}

# tell_step NAME TICK: how long a step took that began at TICK, for the history
tell_step() {
  read_uptime
  printf '"%s":%s,' "$1" "$(((tick - $2) * 10))" >>"$dir/steps"
}

# attempt COMMAND...: runs a program without our locks, input and umask; its words go to $dir/output. A failure sets $failed.
attempt() {
  { umask 022 && exec "$@"; } >>"$dir/output" 2>&1 </dev/null 8>&- 9>&- &
  child=$!
  wait "$child" && child= && return 0
  child= failed=$number
  return 1
}
