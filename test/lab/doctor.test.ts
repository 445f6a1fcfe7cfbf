import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Finding } from "../../src/model/doctor.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

const [vip, vip6] = ["10.77.0.100", "fd77::100"]

describe.skipIf(skipWithoutLab())("lbctl doctor on machines", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    inventory = new Inventory(lab)
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  async function findings(): Promise<Finding[]> {
    const { code, stdout, stderr } = await inventory.lbctl("doctor", "--json")
    const { findings: found } = JSON.parse(stdout) as { findings: Finding[] }
    expect(stderr).toBe("")
    expect(code).toBe(found.some(({ severity }) => severity !== "info") ? 2 : 0)
    return found
  }

  /** Check and host of each, in order. */
  const idsOf = (found: readonly Finding[]): string[] =>
    found.map(({ id, host }) => `${host} ${id}`).sort()

  it("finds on hosts that lbctl never saw what an apply will mend", async () => {
    // As systemd notes it down in a container.
    await lab.node("lb2").must("echo lxc >/run/systemd/container")
    const found = idsOf(await findings())
    expect(found).toEqual(expect.arrayContaining(["lb1 K01", "lb1 K02", "lb1 I01"]))
    expect(found).toEqual(expect.arrayContaining(["lb2 K07", "lb2 I01"]))
    for (const id of ["K01", "K02"]) expect(found).not.toContain(`lb2 ${id}`)
    await lab.node("lb2").must("rm /run/systemd/container")
    expect(found).toEqual(
      expect.arrayContaining(["rs1 S01", "rs1 S02", "rs1 N01", "rs1 N01", "rs1 I01"]),
    )
  })

  it("finds nothing once it is applied", async () => {
    const applied = await inventory.apply()
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    expect(await findings()).toEqual([])
    const { stdout } = await inventory.lbctl("doctor")
    expect(stdout).toMatch(/All is well: \d+ checks on 3 hosts\.\n$/)
  })

  it("finds what was broken on a real server by hand", async () => {
    const rs1 = lab.node("rs1")
    await rs1.must(`sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.default.arp_ignore=0
sysctl -qw net.ipv4.conf.eth0.arp_ignore=0 net.ipv4.conf.lo.arp_ignore=1 net.ipv4.conf.all.arp_announce=1
ip address add ${vip}/31 dev lo
ip address add 198.51.100.9/32 dev lo
ip address del ${vip6}/128 dev lo
ip address add ${vip6}/128 dev eth0
ip route show default >/root/default-route
ip route replace default via 10.77.0.11
iptables -A INPUT -p tcp --dport 80 -j REJECT
ip6tables -A INPUT -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT
ip6tables -A INPUT -p tcp --dport 80 -d ${vip6} -j DROP
echo net.ipv4.conf.all.arp_ignore = 0 >/etc/sysctl.d/99-site.conf
echo net.ipv4.conf.eth0.100.rp_filter = 1 >>/etc/sysctl.d/99-site.conf
sleep 2`)
    const found = await findings()
    const ids = idsOf(found)
    for (const id of [
      "S01",
      "S02",
      "S18",
      "S19",
      "N01",
      "N02",
      "N03",
      "N04",
      "N05",
      "N06",
      "N12",
      "F04",
      "I01",
    ])
      expect(ids).toContain(`rs1 ${id}`)
    expect(found.find(({ id }) => id === "S01")?.message).toContain(
      "conf.lo.arp_ignore=1 has no effect",
    )
    expect(found.find(({ id }) => id === "N12")?.message).toContain("the director lb1")
    expect(found.filter(({ id }) => id === "F04").map(({ message }) => message)).toEqual([
      `drops tcp to ${vip} port 80 (iptables filter INPUT)`,
      `drops tcp to ${vip6} port 80 (ip6tables filter INPUT)`,
    ])
    expect(ids.filter((id) => !id.startsWith("rs1 "))).toEqual([])
    // What of it no apply mends a plan tells as well.
    const { stdout: plan } = await inventory.lbctl("plan")
    const [, notices = ""] = plan.split("To know:\n")
    expect(notices).toContain(`rs1: holds the VIP ${vip} with the prefix /31 on lo`)
    expect(notices).toContain("(N03 of lbctl doctor)")
    expect(notices).not.toContain("S01")
  })

  it("mends by an apply what an apply mends, and finds nothing when the other cures were taken", async () => {
    const rs1 = lab.node("rs1")
    await rs1.must(`ip address del ${vip}/31 dev lo
ip address del 198.51.100.9/32 dev lo
ip address del ${vip6}/128 dev eth0
ip route replace $(cat /root/default-route)
iptables -I INPUT -p tcp -d ${vip} --dport 80 -j ACCEPT
ip6tables -F INPUT
rm /etc/sysctl.d/99-site.conf`)
    const { code, stdout, stderr } = await inventory.lbctl("doctor", "--fix", "--yes")
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/error S01 {2}rs1: [^]*To mend 1 host:\n[^]*And now:\nAll is well/)
    expect(await findings()).toEqual([])
  })

  it("finds what was broken on directors, and what stands between them", async () => {
    try {
      await breakDirectors(lab)
      const found = await findings()
      expect(idsOf(found)).toEqual([
        "lb1 F01",
        "lb1 I01",
        "lb1 K02",
        "lb1 S08",
        "lb1 S10",
        "lb1 S12",
        "lb1 S12",
        "lb1 V04",
        "lb1 V06",
        "lb1 V11",
        "lb2 N07",
        "lb2 V04",
        "lb2 V10",
      ])
      expect(found.find(({ id }) => id === "V06")?.message).toBe(
        `lb1 and lb2 both hold the VIP ${vip}`,
      )
      expect(found.find(({ id }) => id === "V04")?.message).toContain(
        "10.77.0.21 speaks VRRP on eth0 under 51",
      )
    } finally {
      await healDirectors(lab)
    }
    const applied = await inventory.apply("--limit", "lb1")
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    expect(await findings()).toEqual([])
  })

  it("finds what a definition asks of hosts that cannot do it", async () => {
    const [lb1, rs1] = [lab.node("lb1"), lab.node("rs1")]
    try {
      inventory.write({
        cluster: { forwarding: "tun", connection_sync: { interface: "dummy0" } },
        services: { web: { scheduler: "mh" } },
      })
      await lb1.must("iptables -A INPUT -p udp --dport 8848 -j DROP")
      await rs1.must("iptables -A INPUT -p 4 -j DROP")
      const found = await findings()
      expect(idsOf(found)).toEqual(
        expect.arrayContaining(["lb1 F02", "lb1 N09", "lb1 N14", "lb2 N09", "rs1 F03", "rs1 K08"]),
      )
      expect(found.find(({ id }) => id === "N09")?.message).toBe("there is no interface dummy0")
      inventory.write({ services: { web: { scheduler: "mh" } } })
      expect(idsOf(await findings())).toEqual(
        expect.arrayContaining(["lb1 S13", "lb1 S17", "lb2 S13", "lb2 S17"]),
      )
    } finally {
      await Promise.all([lb1, rs1].map((node) => node.must("iptables -F INPUT")))
      inventory.write()
    }
    expect(await findings()).toEqual([])
  })

  it("finds programs that keepalived would not run, and names the commands that mend them", async () => {
    const program = "/usr/local/sbin/tell"
    const notified = { interface: "eth0", virtual_router_id: 51, keepalived: { notify: program } }
    const [lb1, lb2] = [lab.node("lb1"), lab.node("lb2")]
    const programs = async (): Promise<Finding[]> =>
      (await findings()).filter(({ id }) => id === "V09")
    try {
      inventory.write({ cluster: { vrrp: notified } })
      await lb1.must(`printf '#!/bin/sh\n' >${program}; chmod 757 ${program}`)
      await lb2.must(`rm -f ${program}`)
      const found = await programs()
      expect(found.map(({ host, message }) => `${host}: ${message}`)).toEqual([
        `lb1: notify of keepalived.conf runs ${program}: ${program} is writable by everybody`,
        `lb2: notify of keepalived.conf runs ${program}: it is not there`,
      ])
      const [open, missing] = found.map(({ cure }) => cure.replace(/ on lb\d$/, ""))
      await lb1.must(open ?? "")
      await lb2.must((missing ?? "").replace("PROGRAM", "/bin/true"))
      expect(await programs()).toEqual([])
    } finally {
      await Promise.all([lb1, lb2].map((node) => node.must(`rm -f ${program}`)))
      inventory.write()
    }
  })

  it("finds a keepalived that is not whole, or does not run what its file says", async () => {
    const [lb1, lb2] = [lab.node("lb1"), lab.node("lb2")]
    const sick = async (): Promise<Finding[]> => (await findings()).filter(({ id }) => id === "V12")
    try {
      // The parent sleeps, so that it does not start a new process at once for the one that died.
      const main = (await lb2.must("cat /run/keepalived.pid")).trim()
      await lb2.must(
        `kill -STOP ${main}; kill -KILL $(cat /run/vrrp.pid); echo 1 >/run/keepalived.pid`,
      )
      // Times are compared to a second.
      await lb1.must("sleep 3; touch /etc/keepalived/keepalived.conf")
      const found = await sick()
      expect(found.map(({ host, message }) => `${host}: ${message}`)).toEqual([
        expect.stringMatching(/^lb1: keepalived\.conf was written at .* last read it at /),
        `lb2: /run/keepalived.pid names process 1, and keepalived is ${main}`,
        "lb2: keepalived is to have 1 process below it (VRRP), and has 0",
      ])
      const [read = "", name = "", start = ""] = found.map(({ cure }) => cure.slice(0, -7))
      expect(read).toBe("systemctl reload keepalived.service")
      // A signal will do as well, and is noticed.
      await lb1.must("kill -HUP $(cat /run/keepalived.pid)")
      await lb2.must(`${name}; kill -CONT ${main}; ${start}`)
      await until("both are well", { timeout: 60_000, interval: 500 }, async () => {
        return (await sick()).length === 0
      })
    } finally {
      await lb2.must(
        "rm -f /run/keepalived.pid; systemctl kill -s CONT keepalived; systemctl restart keepalived",
      )
    }
    // A file that is not the definition's is not to be read, but replaced.
    await lb1.must("sleep 3; echo '# by hand' >>/etc/keepalived/keepalived.conf")
    const { code, stdout, stderr } = await inventory.lbctl("doctor", "--fix", "--yes")
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/warning V12 {2}lb1: [^]*To mend 1 host:\n[^]*And now:\nAll is well/)
  })

  it("names a host that does not answer, and looks at the others", async () => {
    await lab.node("lb2").must("systemctl stop ssh")
    const { code, stdout } = await inventory.lbctl("doctor", "--json")
    const { findings: found } = JSON.parse(stdout) as { findings: Finding[] }
    expect([code, idsOf(found)]).toEqual([4, ["lb2 A01"]])
  })
})

/** Switches, modules, filters, clocks, a second owner of the table, a stranger's VRRP and a VIP on both. May be done twice. */
async function breakDirectors(lab: Lab): Promise<void> {
  const [lb1, lb2, rs1] = [lab.node("lb1"), lab.node("lb2"), lab.node("rs1")]
  await lb1.must(`sysctl -qw net.ipv4.vs.expire_nodest_conn=0 net.ipv4.ip_forward=1
rm -f /etc/modules-load.d/lbctl-director.conf
printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/ldirectord.service
systemctl daemon-reload; systemctl enable -q ldirectord
iptables -A INPUT -p 112 -s 10.77.0.12 -j DROP
iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
sysctl -qw net.ipv4.vs.conntrack=1`)
  await rs1.must(`cat >/root/stranger.conf <<END
vrrp_instance stranger {
  interface eth0
  virtual_router_id 51
  priority 50
  virtual_ipaddress { 10.77.0.200/32 }
}
END
systemd-run -q --unit=stranger keepalived -n -l -P -f /root/stranger.conf -p /run/stranger.pid -r /run/stranger-vrrp.pid
sleep 6`)
  await lb2.must(`ip neigh replace ${vip6} lladdr 02:00:00:00:00:99 nud permanent dev eth0
ip address replace ${vip}/32 dev eth0; date -s @$(($(date +%s) + 30)) >/dev/null`)
}

/** All but what an apply mends. */
async function healDirectors(lab: Lab): Promise<void> {
  const [lb1, lb2, rs1] = [lab.node("lb1"), lab.node("lb2"), lab.node("rs1")]
  await rs1.must("systemctl stop stranger; systemctl reset-failed stranger; true")
  await lb2.must(`ip neigh del ${vip6} dev eth0
ip address del ${vip}/32 dev eth0`)
  // Not by going back as far as it went forward: what is lost of a second each time adds up.
  const now = (await lb1.must("date +%s.%N")).trim()
  await lb2.must(`date -s @${now} >/dev/null`)
  await lb1.must(`systemctl disable -q ldirectord; rm -f /etc/systemd/system/ldirectord.service
systemctl daemon-reload; sysctl -qw net.ipv4.ip_forward=0; iptables -F INPUT`)
}
