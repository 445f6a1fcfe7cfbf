import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import type { InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

const vips = { lab: "10.77.0.100", inside: "10.77.0.101" }

/** Two clusters of the same directors. */
function definition(keepalived: object): InventoryOptions {
  const cluster = (virtualRouterId: number) => ({
    directors: "directors",
    real_servers: "servers",
    vrrp: {
      interface: "eth0",
      virtual_router_id: virtualRouterId,
      priority: { lb1: 150, lb2: 100 },
    },
  })
  const clusters = { keepalived, clusters: { lab: cluster(51), inside: cluster(52) } }
  return {
    services: { web: { vip: [vips.lab] }, inside: { cluster: "inside", vip: [vips.inside] } },
    files: { "inventories/lab/clusters.yml": JSON.stringify(clusters) },
  }
}

const alone = definition({})
const grouped = definition({ sync_groups: { both: { clusters: ["lab", "inside"] } } })

describe.skipIf(skipWithoutLab())("clusters of one pair of directors", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    inventory = new Inventory(lab, alone)
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

  /** Applies the definition, and has lb1 be master of both. */
  async function begin(options: InventoryOptions): Promise<void> {
    inventory.write(options)
    await lbctl("apply", "--yes")
    await until("each has a master", { timeout: 30_000, interval: 500 }, async () => {
      const { lab: first, inside } = await masters()
      return first !== "" && inside !== ""
    })
    for (const name of ["lab", "inside"] as const)
      if ((await masters())[name] === "lb2") await lbctl(`failover ${name}`, "--yes")
    await untilMasters({ lab: "lb1", inside: "lb1" })
  }

  /** Who holds the VIP of each. */
  async function masters(): Promise<Record<keyof typeof vips, string>> {
    const [lb1 = "", lb2 = ""] = await Promise.all(
      ["lb1", "lb2"].map((name) => lab.node(name).must("ip -o address show dev eth0")),
    )
    const holder = (vip: string) =>
      [lb1.includes(` ${vip}/`) ? "lb1" : "", lb2.includes(` ${vip}/`) ? "lb2" : ""].join("")
    return { lab: holder(vips.lab), inside: holder(vips.inside) }
  }

  async function untilMasters(wanted: Record<keyof typeof vips, string>): Promise<void> {
    const last: unknown[] = []
    const detail = (): string => JSON.stringify(last.at(-1))
    await until(JSON.stringify(wanted), { timeout: 30_000, interval: 500, detail }, async () => {
      last.push(await masters())
      return JSON.stringify(last.at(-1)) === JSON.stringify(wanted)
    })
  }

  it("fail over each for itself", async () => {
    await begin(alone)
    await lbctl("failover lab", "--yes")
    await untilMasters({ lab: "lb2", inside: "lb1" })
  })

  it("move together in a sync group, whichever is told to, and as one when a director dies", async () => {
    await begin(grouped)
    expect(await lbctl("plan")).toContain("No changes")
    await lbctl("failover lab", "--yes")
    await untilMasters({ lab: "lb2", inside: "lb2" })
    await lbctl("failover inside", "--yes")
    await untilMasters({ lab: "lb1", inside: "lb1" })
    // Who has just handed over is in FAULT for three adverts, and no match for a keepalived that systemd starts again.
    await until("lb2 may be master again", { timeout: 30_000, interval: 500 }, async () => {
      return !(await lbctl("show ha")).includes("handed over")
    })
    await lab.node("lb1").must("systemctl kill --signal=KILL keepalived")
    await untilMasters({ lab: "lb2", inside: "lb2" })
  })
})
