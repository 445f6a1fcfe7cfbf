import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"

const [vip, vip6] = ["10.77.0.100", "fd77::100"]

/** Of the user's: not ours to lose. */
const own = "192.168.99.1"

describe.skipIf(skipWithoutLab())("a real server whose loopback or ports are others' too", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1", "rs2", "rs3"] })
    await Promise.all([
      givesLoTo.networkd(lab.node("rs1")),
      givesLoTo.ifupdown(lab.node("rs2")),
      givesLoTo.networkManager(lab.node("rs3")),
    ])
    inventory = new Inventory(lab)
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  const addresses = (name: string): Promise<string> =>
    lab.node(name).must("ip -o address show dev lo scope global")

  /** Waits until the loopback has what it shall have. */
  async function holdsAll(name: string): Promise<void> {
    await until(`${name} holds its VIPs and the user's address`, { timeout: 20_000 }, async () => {
      const held = await addresses(name)
      return [vip, vip6, own].every((address) => held.includes(` ${address}/`))
    })
  }

  it("is found out, and the loopback's owner told of the VIPs", async () => {
    const { code, stdout, stderr } = await inventory.apply()
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toContain(`/etc/systemd/network/50-lo.network.d/lbctl-${vip}.conf`)
    expect(stdout).toContain("/etc/network/if-up.d/lbctl-realserver")
    expect(stdout).toContain("/etc/NetworkManager/dispatcher.d/90-lbctl-realserver")
    for (const name of ["rs1", "rs2", "rs3"]) await holdsAll(name)
    const again = await inventory.lbctl("plan", "--detailed-exitcode")
    expect(again.code, again.stdout).toBe(0)
  })

  it("holds the VIPs when the loopback's owner configures it anew", async () => {
    await lab.node("rs1").must("networkctl reconfigure lo; systemctl restart systemd-networkd")
    await lab.node("rs2").must("ifdown lo; ifup lo")
    await lab.node("rs3").must("nmcli connection down lo-own; nmcli connection up lo-own")
    for (const name of ["rs1", "rs2", "rs3"]) await holdsAll(name)
  })

  it("answers on the VIP by the published port of a container", async () => {
    await lab.node("rs1").must(publishedPort)
    await until("the container answers on the VIP", { timeout: 30_000 }, async () => {
      const { stdout } = await lab.client.exec(["curl", "-s", "-m", "2", `http://${vip}/`])
      return stdout.startsWith("container ")
    })
  })

  it("is the user's again once the real servers are torn down", async () => {
    const { code, stdout, stderr } = await inventory.lbctl(
      "realserver teardown",
      "--yes",
      "--allow",
      "last-server",
    )
    expect(code, stdout + stderr).toBe(0)
    await lab.node("rs1").must("networkctl reconfigure lo")
    await lab.node("rs2").must("ifdown lo; ifup lo")
    await lab.node("rs3").must("nmcli connection up lo-own")
    for (const name of ["rs1", "rs2", "rs3"]) {
      const held = await addresses(name)
      expect(held).toContain(` ${own}/`)
      expect(held).not.toContain(` ${vip}/`)
      expect(held).not.toContain(` ${vip6}/`)
    }
  })
})

/** Lets a service manage `lo` as users do, with an address of the user's on it. */
const givesLoTo = {
  networkd: (node: LabNode) =>
    node.must(`systemctl unmask -q systemd-udevd systemd-networkd systemd-networkd.socket
mkdir -p /etc/systemd/network
printf '[Match]\\nName=lo\\n[Network]\\nAddress=${own}/32\\n' >/etc/systemd/network/50-lo.network
systemctl start systemd-udevd; udevadm trigger --action=add; udevadm settle
systemctl start systemd-networkd
timeout 20 sh -c 'until grep -q NETWORK_FILE /run/systemd/netif/links/1; do sleep 0.2; done'`),
  ifupdown: (node: LabNode) =>
    node.must(`printf 'auto lo\\niface lo inet loopback\\n  up ip address replace ${own}/32 dev lo\\n' >/etc/network/interfaces
ifup --force lo`),
  networkManager: (node: LabNode) =>
    node.must(`systemctl unmask -q systemd-udevd NetworkManager NetworkManager-dispatcher polkit
mkdir -p /etc/NetworkManager/conf.d
printf '[main]\\nno-auto-default=*\\n[keyfile]\\nunmanaged-devices=interface-name:eth*\\n' >/etc/NetworkManager/conf.d/lab.conf
systemctl start systemd-udevd; udevadm trigger --action=add; udevadm settle
systemctl start NetworkManager
nmcli connection add type loopback con-name lo-own ifname lo ipv4.method manual ipv4.addresses 127.0.0.1/8,${own}/32
nmcli connection up lo-own`),
}

/**
 * What Docker does for `--publish 80:80`: a bridge with the container behind it, and a translation of whatever comes to an address
 * of the host (docker-proxy aside, which is for the host itself).
 */
const publishedPort = `ip netns add container
ip link add docker0 type veth peer name inner netns container
ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up
ip -n container address add 172.17.0.2/16 dev inner
ip -n container link set inner up; ip -n container link set lo up
ip -n container route add default via 172.17.0.1
sysctl -qw net.ipv4.ip_forward=1
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80
mkdir -p /etc/lab/http; echo "container here" >/etc/lab/http/80.body
systemd-run -q ip netns exec container /usr/local/sbin/lab-http 80`
