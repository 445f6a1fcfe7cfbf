import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"

/** What a node holds that a release of these tests decides: files, sysctls, addresses, IPVS, units; one a line, sorted. */
export async function holding(node: LabNode): Promise<string> {
  const lines = (await node.must(holdingScript)).split("\n")
  return lines
    .filter((line) => line !== "")
    .sort()
    .join("\n")
}

/** Files of users' roles in these tests are called `/etc/faults...`. */
const holdingScript = `
set -f; LC_ALL=C
find /etc /usr/local/sbin -xdev \\( -type f -o -type l \\) \\( -path '*lbctl*' -o -path '*lbagent*' -o -path '*keepalived*' \
  -o -name 'lvs-real' -o -name 'faults*' \\) ! -path '*/rc?.d/*' -printf '%y %p %m %u:%g %l\\n'
find /etc /usr/local/sbin -xdev -type f \\( -path '*lbctl*' -o -path '*lbagent*' -o -name keepalived.conf \
  -o -name 'lvs-real' -o -name 'faults*' \\) -exec sha256sum {} +
for key in ipv4/conf/all/arp_ignore ipv4/conf/all/arp_announce ipv4/conf/default/arp_ignore ipv4/conf/default/arp_announce \
  ipv4/conf/eth0/accept_local ipv4/conf/eth0/rp_filter \
  ipv4/vs/expire_nodest_conn ipv4/vs/expire_quiescent_template ipv4/vs/conntrack core/somaxconn; do
  [ ! -e /proc/sys/net/$key ] || { read -r value </proc/sys/net/$key; echo "sysctl $key $value"; }
done
ip -o address show | { while read -r _ device _ address _; do echo "address $device $address"; done; }
[ ! -e /proc/net/ip_vs ] || ipvsadm -Sn | { while read -r line; do echo "ipvs $line"; done; }
systemctl show -p Id -p ActiveState -p UnitFileState ssh lbagent keepalived lbctl-realserver lbctl-settle | {
  unit=; while IFS= read -r line; do case $line in '') echo "unit $unit" && unit= ;; *) unit="$unit $line" ;; esac; done; echo "unit $unit"; }
pgrep -f '[l]bagent.cjs' >/dev/null && echo "processes lbagent"
true`

/**
 * What an apply must not leave behind on a node, however it ended; empty when all is well. A stage that a power loss
 * kept from being removed to its end is marked `over`, and goes with the next release.
 */
export async function residue(node: LabNode): Promise<string> {
  const found = await node.must(`
for stage in /var/lib/lbctl/stage/*; do [ ! -e "$stage" ] || [ -e "$stage/over" ] || echo "$stage"; done
readlink /var/lib/lbctl/open
for lock in controller work; do
  [ ! -e /run/lbctl/$lock.lock ] || flock -n /run/lbctl/$lock.lock true || echo "lock $lock is held"
done
systemctl list-units --all --plain --no-legend 'lbctl-revert*'
systemctl --failed --plain --no-legend
find /etc /usr/local /var/lib/lbctl -xdev \\( -name '*.lbctl-new' -o -name '.lbctl*.new' -o -name '*.new' \\)
pgrep -af '[l]bctl-node.sh'
true`)
  return found.trim()
}

/** Waits until a node holds one of these (by name) and returns which. */
export async function settlesAt(
  node: LabNode,
  wanted: Readonly<Record<string, string>>,
  timeout = 60_000,
): Promise<string> {
  let last = ""
  return until(
    `${node.name} holds ${Object.keys(wanted).join(" or ")}`,
    { timeout, interval: 500, detail: () => differences(last, wanted) },
    async () => {
      last = await holding(node)
      return Object.keys(wanted).find((name) => wanted[name] === last)
    },
  )
}

function differences(last: string, wanted: Readonly<Record<string, string>>): string {
  const has = new Set(last.split("\n"))
  return Object.entries(wanted)
    .map(([name, text]) => {
      const wants = new Set(text.split("\n"))
      const missing = [...wants].filter((line) => !has.has(line)).map((line) => `  - ${line}`)
      const extra = [...has].filter((line) => !wants.has(line)).map((line) => `  + ${line}`)
      return [`not ${name}:`, ...missing, ...extra].join("\n")
    })
    .join("\n")
}
