#!/bin/sh
# update-rc.d(8) of Debian with insserv on links below /etc/rc?.d: runlevels are those of the script's header, numbers its own
# (01 here); what is disabled has K links, which `start` leaves alone.
echo "update-rc.d $*" >>"$LBCTL_ROOT/double/log"
name=$1
script=$LBCTL_ROOT/etc/init.d/$name
case $2 in
start)
  [ -e "$script" ] || { echo "update-rc.d: error: initscript does not exist: /etc/init.d/$name" >&2 && exit 1; }
  for level in $(sed -n 's/^# Default-Start://p' "$script"); do
    [ -L "$LBCTL_ROOT/etc/rc$level.d/K01$name" ] || ln -snf "../init.d/$name" "$LBCTL_ROOT/etc/rc$level.d/S01$name"
  done
  ;;
enable)
  for level in S 2 3 4 5; do
    folder=$LBCTL_ROOT/etc/rc$level.d
    [ ! -L "$folder/K01$name" ] || mv "$folder/K01$name" "$folder/S01$name"
  done
  ;;
remove) rm -f "$LBCTL_ROOT"/etc/rc?.d/S??"$name" ;;
*) echo "update-rc.d: not in this double: $*" >&2 && exit 1 ;;
esac
