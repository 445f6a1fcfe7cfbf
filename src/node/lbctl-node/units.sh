# ---- Units, and scripts of /etc/init.d with what makes the boot start them ----

# unit enable|disable|start|stop NAME
unit() {
  case $init:$1:$boot in
  systemd:st*:yes) attempt systemctl --no-block "$1" "$2" ;; # the jobs of the boot come after us
  systemd:*) attempt systemctl --quiet "$1" "$2" ;;
  *:enable:yes) enable_script "$2" && start_missed "$2" ;;
  *:enable:*) enable_script "$2" ;;
  *:disable:*) disable_script "$2" ;;
  *:yes) ;; # the boot starts what is enabled
  openrc:*) attempt rc-service "$2" "$1" ;;
  *) attempt "$root/etc/init.d/$2" "$1" ;;
  esac
}
# A boot of scripts has made its list before it came to us: what a way back enables is not on it.
start_missed() {
  case $init in
  openrc) attempt rc-service --nodeps "$1" start ;;
  *) attempt "$root/etc/init.d/$1" start ;;
  esac
}

enable_script() {
  early=no
  ! grep -Eqs '^# Default-Start:.*S|^[[:blank:]]*before .*net' "$root/etc/init.d/$1" || early=yes
  case $init:$early in
  openrc:yes)
    # Debian's OpenRC mounts disks and starts the network in sysinit, all others in boot.
    if [ -e "$root/etc/runlevels/sysinit/mountall.sh" ]; then set -- "$1" sysinit; else set -- "$1" boot; fi
    attempt rc-update add "$@"
    ;;
  openrc:*) attempt rc-update add "$1" default ;;
  sysvinit:yes) enable_sysvinit "$1" "$(settle_first "$1" 07 08)" S ;;
  sysvinit:*) enable_sysvinit "$1" 20 2 3 4 5 ;;
  busybox:yes) attempt ln -snf "$1" "$root/etc/init.d/S$(settle_first "$1" 00 20)$1" ;;
  busybox:*) attempt ln -snf "$1" "$root/etc/init.d/S60$1" ;;
  esac
}
# Numbers: after the disks of sysvinit, before the network in its runlevels 2 to 5; of Buildroot's scripts after sysctls and
# modules, before S40network. What settles comes before the others.
settle_first() { if [ "$1" = lbctl-settle ]; then say "$2"; else say "$3"; fi; }

# enable_sysvinit NAME NUMBER RUNLEVEL...: where the tools know LSB headers they find number and runlevels themselves.
enable_sysvinit() {
  name=$1 order=$2
  shift 2
  if has_tool update-rc.d; then
    attempt update-rc.d "$name" start "$order" "$@" . || return
    find_start_links "$name"
    [ -n "$links" ] || attempt update-rc.d "$name" enable # it was disabled
  elif has_tool chkconfig; then
    attempt chkconfig --add "$name" && attempt chkconfig "$name" on
  else
    for level in "$@"; do attempt ln -snf "../init.d/$name" "$root/etc/rc$level.d/S$order$name" || return; done
  fi
}

has_tool() { [ -x "$root/usr/sbin/$1" ] || [ -x "$root/sbin/$1" ]; }

disable_script() {
  find_start_links "$1"
  [ -n "$links" ] || return 0
  case $init in
  openrc) for link in $links; do link=${link%/*} && attempt rc-update del "$1" "${link##*/}"; done ;;
  sysvinit)
    if has_tool update-rc.d; then attempt update-rc.d "$1" remove
    elif has_tool chkconfig; then attempt chkconfig --del "$1"
    else remove_links; fi
    ;;
  busybox) remove_links ;;
  esac
}
# shellcheck disable=SC2086
remove_links() { attempt rm -f $links; }
