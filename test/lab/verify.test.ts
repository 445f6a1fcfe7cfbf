import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

const [vip, vip6] = ["10.77.0.100", "fd77::100"]
const [web, web6] = [`tcp ${vip}:80`, `tcp [${vip6}]:80`]

const patience = { timeout: 60_000, interval: 500 }

/** What `verify --json` says of a real server on a VIP. */
interface Row {
  readonly host: string
  readonly endpoint: string
  readonly standing: string
  readonly words: string
  readonly director: string
}

describe.skipIf(skipWithoutLab())("lbctl realserver verify", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up()
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    inventory = new Inventory(lab)
    const applied = await inventory.apply()
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  // A test that is tried again finds what it found the first time.
  beforeEach(async () => {
    await lab.node("rs1").must(`iptables -F INPUT; systemctl start lab-http@80
sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.arp_ignore=1
ip address replace ${vip}/32 dev $(ip -o link show tunl0 >/dev/null 2>&1 && ip -4 -o address show dev tunl0 | grep -q . && echo tunl0 || echo lo)`)
  })

  async function verify(...more: readonly string[]) {
    const { code, stdout, stderr } = await inventory.lbctl("realserver verify", "--json", ...more)
    expect(stderr).toBe("")
    const said = JSON.parse(stdout) as { realServers: Row[]; doubts: string[]; verified: string[] }
    const rows = said.realServers.map(({ host, endpoint, words }) => `${host} ${endpoint} ${words}`)
    return { code, rows, doubts: said.doubts, asked: said.realServers, verified: said.verified }
  }

  it("proves a healthy cluster, each real server on each VIP, by the master", async () => {
    const { code, rows, asked, verified, doubts } = await verify()
    expect(doubts).toEqual([])
    expect(rows).toEqual(
      [web, web6].flatMap((endpoint) =>
        ["rs1", "rs2"].map((host) => `${host} ${endpoint} answers`),
      ),
    )
    expect(new Set(asked.map(({ director }) => director))).toEqual(new Set(["lb1"]))
    expect(verified).toEqual([vip, vip6])
    expect(code).toBe(0)
    const shown = await inventory.lbctl("realserver verify")
    expect(shown.stdout).toMatch(/^verified: [^]*\nrs2 +tcp 10\.77\.0\.100:80 +answers\n/)
    for (const line of shown.stdout.split("\n").slice(1)) expect(line.length).toBeLessThan(80)
  })

  it("leaves no connection half open on who was asked", async () => {
    await verify()
    const open = "ss -Htan state syn-recv '( sport = :80 )' | wc -l"
    expect((await lab.node("rs1").must(open)).trim()).toBe("0")
  })

  it("finds a VIP that is missing, on a host and on one that routes, and --limit leaves it out", async () => {
    const rs1 = lab.node("rs1")
    await rs1.must(`ip address del ${vip}/32 dev lo`)
    const silent = await verify()
    expect(silent.rows).toContain(`rs1 ${web} silent: VIP not on its loopback, or a firewall`)
    expect(silent.rows).toContain(`rs1 ${web6} answers`)
    expect(silent.code).toBe(1)
    expect((await verify("--limit", "rs2")).code).toBe(0)
    await rs1.must("sysctl -qw net.ipv4.ip_forward=1")
    const routed = await verify("--limit", "rs1")
    expect(routed.rows).toContain(`rs1 ${web} passed on: a router without the VIP`)
    expect(routed.code).toBe(1)
  })

  it("finds a real server that answers ARP for a VIP", async () => {
    await lab.node("rs1").must("sysctl -qw net.ipv4.conf.all.arp_ignore=0")
    const { code, doubts } = await verify()
    expect(doubts.join()).toMatch(new RegExp(`answers for the VIP ${vip}, and the master lb1 is`))
    expect(code).toBe(1)
  })

  it("finds a port where nobody listens, though the real server is in no pool by then", async () => {
    await lab.breakHttp("rs1", 80, "stopped")
    const lb1 = lab.node("lb1")
    const pooled = async (): Promise<boolean> =>
      (await lb1.must("ipvsadm -Ln")).includes("10.77.0.21:80")
    await until("the health check takes rs1 out", patience, async () => !(await pooled()))
    const { code, rows } = await verify()
    expect(rows).toContain(`rs1 ${web} refused: nobody listens on the port`)
    expect(rows).toContain(`rs2 ${web} answers`)
    expect(code).toBe(1)
    expect(await pooled()).toBe(false)
  })

  it("tells a firewall that rejects from one that drops", async () => {
    const rs1 = lab.node("rs1")
    await rs1.must(`iptables -A INPUT -d ${vip} -j REJECT --reject-with icmp-admin-prohibited`)
    expect((await verify("-l", "rs1")).rows).toContain(
      `rs1 ${web} rejected: administratively prohibited`,
    )
    await rs1.must(`iptables -F INPUT; iptables -A INPUT -d ${vip} -j DROP`)
    expect((await verify("-l", "rs1")).rows).toContain(
      `rs1 ${web} silent: VIP not on its loopback, or a firewall`,
    )
  })

  it("is green again after a power loss of the real server", async () => {
    const rs1 = lab.node("rs1")
    await rs1.powerLoss()
    await rs1.boot()
    await until("its web server", patience, async () => {
      return (await rs1.run("curl -sf -m 2 localhost")).code === 0
    })
    expect(await verify()).toMatchObject({ code: 0, doubts: [] })
  })

  it("asks inside of the tunnel, and finds that large packets are lost on the way", async () => {
    inventory.write({ cluster: { forwarding: "tun" } })
    const applied = await inventory.apply()
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    const healthy = await verify()
    expect(healthy.rows).toContain(`rs1 ${web} answers; MTU: 1480 bytes fit, it asks for 1500`)
    expect(healthy.code).toBe(0)
    const rs1 = lab.node("rs1")
    await rs1.must("iptables -A INPUT -p ipencap -m length --length 1400:65535 -j DROP")
    const lost = await verify("-l", "rs1")
    expect(lost.rows).toContain(`rs1 ${web} answers, but to no packet of 1480 bytes: MTU`)
    await rs1.must("iptables -F INPUT; iptables -A INPUT -p ipencap -j DROP")
    const closed = await verify("-l", "rs1")
    expect(closed.rows).toContain(`rs1 ${web} silent: tunnel, rp_filter, VIP on it, or firewall`)
    expect([lost.code, closed.code]).toEqual([1, 1])
  })
})
