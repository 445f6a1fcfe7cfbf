import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import type { InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import type { TrafficReport } from "./lib/traffic.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"
/** Three adverts of 1 s and lb2's skew of (256 - 100) / 256 s (RFC 9568 section 6.1), and a second for the machine. */
const takeoverMs = 3000 + 610 + 1000
/** A request that takes longer has failed, milliseconds: before a client's TCP sends its first packet again, after 1 s. */
const impatience = 700

function definition(driver: "keepalived" | "native"): InventoryOptions {
  const vrrp = { driver, interface: "eth0", virtual_router_id: 51 }
  return {
    cluster: {
      vrrp: { ...vrrp, priority: { lb1: 150, lb2: 100 } },
      connection_sync: { interface: "eth0" },
    },
  }
}

describe.skipIf(skipWithoutLab())("the native VRRP driver", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    inventory = new Inventory(lab, definition("keepalived"))
    await lbctl("apply", "--yes")
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Runs lbctl, which must succeed; its standard output. */
  async function lbctl(command: string, ...more: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await inventory.lbctl(command, ...more)
    expect(code, `lbctl ${command}\n${stdout}${stderr}`).toBe(0)
    return stdout
  }

  /** The directors that hold the VIP. */
  async function holders(): Promise<string[]> {
    const nodes = ["lb1", "lb2"].map((name) => lab.node(name)).filter((node) => node.running)
    const held = await Promise.all(nodes.map(holdsVip))
    return nodes.filter((_, index) => held[index]).map(({ name }) => name)
  }

  async function holdsVip(node: LabNode): Promise<boolean> {
    return (await node.must("ip -o address show")).includes(`${vip}/`)
  }

  async function untilMaster(name: string): Promise<void> {
    await until(`${name} alone is master`, { timeout: 30_000, interval: 500 }, () =>
      holders().then((names) => names.join() === name),
    )
  }

  /** Both directors run, and lb1 holds the VIP: what each test begins with, also when it is run again. */
  async function makeFirst(): Promise<void> {
    const lb1 = lab.node("lb1")
    if (!lb1.running) await lb1.boot()
    await until("one director is master", { timeout: 60_000, interval: 500 }, () =>
      holders().then((names) => names.length === 1),
    )
    if ((await holders())[0] === "lb2") await lbctl("failover lab", "--yes")
    await untilMaster("lb1")
  }

  function longestGap({ gaps }: TrafficReport): number {
    return Math.max(0, ...gaps.map(({ fromMs, toMs }) => toMs - fromMs))
  }

  async function underLoad(work: () => Promise<void>): Promise<TrafficReport> {
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 100, timeout: impatience })
    try {
      await work()
      await sleep(1000)
    } finally {
      await traffic.stop()
    }
    return traffic.done
  }

  async function runsKeepalived(name: string): Promise<boolean> {
    return (await lab.node(name).run("pgrep -x keepalived")).code === 0
  }

  it("understands keepalived in both roles, and takes its place one director after the other", async () => {
    inventory.write(definition("keepalived"))
    await lbctl("apply", "--yes")
    await makeFirst()
    inventory.write(definition("native"))
    expect(await lbctl("apply", "--yes", "--limit", "lb2")).toContain("driver keepalived -> native")
    expect(await runsKeepalived("lb2")).toBe(false)
    expect(await holders()).toEqual(["lb1"])
    await lbctl("failover lab", "--yes")
    await untilMaster("lb2")
    await sleep(5000)
    expect(await holders(), "keepalived heeds the adverts of lb2").toEqual(["lb2"])
    await lbctl("apply", "--yes")
    expect(await runsKeepalived("lb1")).toBe(false)
    await untilMaster("lb2")
    expect(await lbctl("plan")).toMatch(/no changes/i)
  })

  it("hands over by hand, and is handed back", async () => {
    await makeFirst()
    await lbctl("failover lab", "--yes")
    await untilMaster("lb2")
    await lbctl("failover lab", "--yes")
    await untilMaster("lb1")
    expect(await lbctl("show nodes")).toMatch(/MASTER/)
  })

  // On a slow machine the process is back too late to go on: then the peer is master, and this one has let go.
  it("is started again when its process is killed, and one director alone holds the VIP", async () => {
    await makeFirst()
    const process = "pgrep -f 'lbagent.cjs [v]rrp'"
    const before = await lab.node("lb1").must(process)
    const report = await underLoad(async () => {
      await lab.node("lb1").must(`kill -KILL $(${process})`)
      await until("a new process runs", { timeout: 20_000, interval: 500 }, async () => {
        const { code, stdout } = await lab.node("lb1").run(process)
        return code === 0 && stdout !== before
      })
      await sleep(takeoverMs)
    })
    expect(await holders()).toHaveLength(1)
    expect(longestGap(report)).toBeLessThan(takeoverMs)
  })

  it("gives its VIPs to the peer when it is stopped", async () => {
    await makeFirst()
    await lab.node("lb1").must("systemctl stop lbagent")
    await untilMaster("lb2")
    await lab.node("lb1").must("systemctl start lbagent")
    await sleep(3000)
    expect(await holders()).toEqual(["lb2"])
  })
})
