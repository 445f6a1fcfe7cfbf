# ---- What calls this script at a boot that finds a transaction open ----

# This script stays on the node, and a boot with an open transaction calls it before the network and the services come up.
install_settle() {
  umask 022
  number=0
  if ! cmp -s "$dir/lbctl-node.sh" "$state/lbctl-node.sh"; then
    if [ "$init" = systemd ]; then
      mkdir -p "$wants"
      say "$settle_systemd" >"$root/etc/systemd/system/lbctl-settle.service"
      ln -snf ../lbctl-settle.service "$wants/lbctl-settle.service"
      durable "$root/etc/systemd/system/lbctl-settle.service" "$root/etc/systemd/system" "$wants"
    elif [ "$init" != other ]; then install_settle_script; fi
    cp "$dir/lbctl-node.sh" "$state/.lbctl-node.sh.new" && durable "$state/.lbctl-node.sh.new" &&
      mv -f "$state/.lbctl-node.sh.new" "$state/lbctl-node.sh" || failed=0
  fi
  umask 077
}
install_settle_script() {
  if [ "$init" = openrc ]; then say "$settle_openrc"; else say "$settle_lsb"; fi >"$settle_script"
  chmod 0755 "$settle_script"
  durable "$settle_script"
  enable_script lbctl-settle
  changed='' && sync_changed
}
settle_systemd='# Written by lbctl; goes when lbctl leaves the node.
[Unit]
Description=Settle an lbctl activation that was cut short
DefaultDependencies=no
ConditionPathIsSymbolicLink=/var/lib/lbctl/open
RequiresMountsFor=/var/lib/lbctl /etc
After=local-fs.target
Wants=network-pre.target
Before=sysinit.target systemd-sysctl.service network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/lbctl/lbctl-node.sh boot

[Install]
WantedBy=sysinit.target'
settle_openrc='#!/sbin/openrc-run
# Written by lbctl; goes when lbctl leaves the node.
description="Settle an lbctl activation that was cut short"
depend() {
  want localmount
  after localmount mountall
  before net networking sysctl procps lbctl-realserver
}
start() {
  [ ! -L /var/lib/lbctl/open ] || /bin/sh /var/lib/lbctl/lbctl-node.sh boot
}'
# shellcheck disable=SC2016 # shell text that is written down
settle_lsb='#!/bin/sh
# Written by lbctl; goes when lbctl leaves the node.
# chkconfig: 2345 07 93
### BEGIN INIT INFO
# Provides:          lbctl-settle
# Required-Start:    $local_fs
# Required-Stop:
# X-Start-Before:    $network procps lbctl-realserver
# Default-Start:     S
# Default-Stop:
# Short-Description: Settle an lbctl activation that was cut short
### END INIT INFO
case ${1-} in
start) [ ! -L /var/lib/lbctl/open ] || exec /bin/sh /var/lib/lbctl/lbctl-node.sh boot ;;
esac'
