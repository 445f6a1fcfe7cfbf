import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"

const vips = ["10.77.0.100", "10.77.0.101", "fd77::100"]
const cluster = {
  vrrp: { interface: "eth0", virtual_router_id: 51, advert_int: "1s", priority: { lb1: 150 } },
}
const other = { vip: "10.77.0.110", ports: [80] }
const shop = {
  vip: vips,
  ports: [80, 8080],
  fwmark: 12,
  scheduler: "rr",
  persistence: { timeout: "5m" },
  drain_timeout: "1s",
}

/** What the table mangle holds that has to do with packets on their way in. */
const prerouting = "-A PREROUTING -d 10.9.9.9/32 -j MARK --set-xmark 0x7/0xffffffff"
const jump = "-A PREROUTING -j LBCTL-MARK"

describe.skipIf(skipWithoutLab())("a service by firewall mark", () => {
  let lab: Lab
  let lb1: LabNode
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1", "rs2"] })
    lb1 = lab.node("lb1")
    await Promise.all(
      ["rs1", "rs2"].flatMap((name) => [80, 8080].map((port) => lab.serveHttp(name, { port }))),
    )
    // All of the alternative: the User Mode kernel has no nf_tables for IP.
    for (const name of ["iptables", "ip6tables"])
      await lb1.must(`update-alternatives --quiet --set ${name} /usr/sbin/${name}-legacy`)
    await lb1.must("sync")
    await userRules()
    inventory = new Inventory(lab, { cluster, services: { other, shop } })
    await apply()
    await untilServed()
    for (const vip of vips) await untilAnswered(vip, 80)
  })
  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** What somebody else put there. */
  async function userRules(): Promise<void> {
    await lb1.must(`iptables -t mangle -N MINE; iptables -t mangle ${prerouting}`)
  }

  async function apply(): Promise<void> {
    const { code, stdout, stderr } = await inventory.apply()
    expect(code, stdout + stderr).toBe(0)
  }

  /** What a rule or chain of the table mangle looks like to iptables, one a line. */
  async function mangle(program: "iptables" | "ip6tables", chain = ""): Promise<string[]> {
    const lines = (await lb1.must(`${program} -t mangle -S ${chain}`)).trim().split("\n")
    return lines.filter((line) => !line.startsWith("-P "))
  }

  async function untilServed(): Promise<void> {
    let table = ""
    await until(
      "both real servers serve in both families",
      { timeout: 40_000, interval: 300, detail: () => table },
      async () => {
        table = await lb1.must("ipvsadm -Sn")
        return [...table.matchAll(/^-a -f 12 (?:-6 )?-r \S+:0 -g -w 1$/gm)].length === 4
      },
    )
  }

  /** Which real server answers. */
  async function ask(vip: string, port: number): Promise<string> {
    const host = vip.includes(":") ? `[${vip}]` : vip
    const url = `http://${host}:${port}/`
    const { stdout } = await lab.client.exec(["curl", "-sg", "-m", "5", url])
    return stdout.split(" ")[0] ?? ""
  }

  /** A director that just booted, or whose keepalived just started, may hold no VIP yet. */
  async function untilAnswered(vip: string, port: number): Promise<void> {
    await until(`${vip} answers on port ${port}`, { timeout: 30_000, interval: 300 }, async () => {
      return /^rs[12]$/.test(await ask(vip, port))
    })
  }

  it("balances its ports and VIPs as one persistent service a family", async () => {
    const table = await lb1.must("ipvsadm -Sn")
    // Besides the private services that checks go through.
    expect(table.match(/^-A (?!-f \d{10}).*$/gm)?.sort()).toEqual([
      "-A -f 12 -6 -s rr -p 300",
      "-A -f 12 -s rr -p 300",
      "-A -t 10.77.0.110:80 -s wrr",
    ])
    const answers = new Set<string>()
    for (const port of [80, 8080, 80])
      for (const vip of vips.slice(0, 2)) answers.add(await ask(vip, port))
    expect(answers.size).toBe(1)
    expect([...answers][0]).toMatch(/^rs[12]$/)
    // The client's one record is by the mark, as 0.0.0.12, and none is by a VIP and port.
    const connections = await lb1.must("ipvsadm -Lnc")
    expect(connections.match(/^IP .* 0\.0\.0\.12:0 .*$/gm)).toHaveLength(1)
    expect(connections).not.toMatch(/^TCP +\S+ +NONE /m)
    const six = new Set([await ask("fd77::100", 80), await ask("fd77::100", 8080)])
    expect(six.size).toBe(1)
    expect([...six][0]).toMatch(/^rs[12]$/)
  })

  it("marks in a chain of its own, and leaves the user's rules where they are", async () => {
    const rule = (vip: string, port: number) =>
      `-A LBCTL-MARK -d ${vip} -p tcp -m tcp --dport ${port} -j MARK --set-xmark 0xc/0xffffffff`
    expect(await mangle("iptables")).toEqual([
      "-N LBCTL-MARK",
      "-N MINE",
      prerouting,
      jump,
      ...["10.77.0.100/32", "10.77.0.101/32"].flatMap((vip) => [rule(vip, 80), rule(vip, 8080)]),
    ])
    expect(await mangle("ip6tables")).toEqual([
      "-N LBCTL-MARK",
      jump,
      rule("fd77::100/128", 80),
      rule("fd77::100/128", 8080),
    ])
  })

  it("has nothing to do when it is applied again, and shows what it marks", async () => {
    const plan = await inventory.lbctl("plan", "--detailed-exitcode")
    expect(plan.code, plan.stdout + plan.stderr).toBe(0)
    expect(plan.stdout).toContain("No changes")
    const shown = await inventory.lbctl("show vservers shop")
    expect(shown.stdout, shown.stderr).toContain("tcp 10.77.0.100:80")
  })

  it("is put back when a firewall's reload flushed it, and after a power loss", async () => {
    const rules = await mangle("iptables", "LBCTL-MARK")
    const restored = async () =>
      (await mangle("iptables", "LBCTL-MARK").catch(() => [])).join() === rules.join() &&
      (await mangle("iptables")).includes(jump)
    await lb1.must(
      "iptables -t mangle -D PREROUTING -j LBCTL-MARK; iptables -t mangle -F LBCTL-MARK",
    )
    await until("the agent marks again", { timeout: 30_000, interval: 300 }, restored)
    await lb1.powerLoss()
    await lb1.boot()
    await until("the agent marks after the boot", { timeout: 60_000, interval: 300 }, restored)
    await untilServed()
    await untilAnswered("10.77.0.101", 8080)
    // Until it knows every real server the agent is no unit that runs.
    await until("the agent is ready", { timeout: 60_000, interval: 300 }, async () => {
      return (await lb1.run("systemctl is-active --quiet lbagent")).code === 0
    })
    const plan = await inventory.lbctl("plan", "--detailed-exitcode")
    expect(plan.code, plan.stdout + plan.stderr).toBe(0)
  })

  it("leaves nothing of itself when it goes, and all of the user's", async () => {
    await userRules()
    inventory.write({ cluster, services: { other } })
    await apply()
    expect(await mangle("iptables")).toEqual(["-N MINE", prerouting])
    expect(await mangle("ip6tables")).toEqual([])
    expect(await lb1.must("cat /var/lib/lbctl/agent/owned.json")).not.toContain("marks")
  })

  it("can be keepalived's, and its rules are the agent's all the same", async () => {
    const kept = { ...cluster, ipvs: "keepalived" }
    const { drain_timeout: _, ...service } = shop
    inventory.write({ cluster: kept, services: { other, shop: service } })
    await apply()
    await untilServed()
    expect(await mangle("iptables", "LBCTL-MARK")).toHaveLength(5)
    await untilAnswered("10.77.0.100", 8080)
    await untilAnswered("fd77::100", 80)
    inventory.write({ cluster: kept, services: { other } })
    await apply()
    await until("keepalived took it out", { timeout: 20_000, interval: 300 }, async () => {
      return !(await lb1.must("ipvsadm -Sn")).includes("-f 12")
    })
    expect(await mangle("iptables")).toEqual(["-N MINE", prerouting])
  })
})
