import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory, type InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"
const base: InventoryOptions = {
  vars: { ansible_user: "ops", ansible_become: true },
  cluster: { vrrp: { interface: "eth0", virtual_router_id: 51, preempt: true } },
  services: {
    web: { vip: [vip], check: "none", backends: { hosts: { rs1: { weight: 100 } } } },
  },
}
const ruled: InventoryOptions = {
  ...base,
  cluster: { ...base.cluster, access: [{ users: ["ops"], operations: ["drain"] }] },
}
const patience = { timeout: 30_000, interval: 500 }

describe.skipIf(skipWithoutLab())("what operators do at run time", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1"], ops: true })
    inventory = new Inventory(lab, base)
    await lbctl("apply", "--yes")
    await untilMaster("lb1")
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

  async function untilMaster(name: string): Promise<void> {
    await until(`${name} alone has the VIP`, patience, async () => {
      const held = await Promise.all(
        ["lb1", "lb2"].map((host) => lab.node(host).must("ip -o address show")),
      )
      const holders = ["lb1", "lb2"].filter((_, index) => held[index]?.includes(`${vip}/`))
      return holders.join() === name
    })
  }

  /** The weight of rs1 in the kernel of a director. */
  async function weight(director: string): Promise<number> {
    const table = await lab.node(director).must("ipvsadm -Sn")
    return Number(/ -w (\d+)$/m.exec(table)?.[1] ?? Number.NaN)
  }

  it("lets a drained real server come back step by step, and calls that no drift", async () => {
    await lbctl("drain rs1", "--allow", "last-server")
    expect(await weight("lb1")).toBe(0)
    expect(await lbctl("resume rs1", "--ramp", "20s")).toContain("its weight grows over 20s")
    const grown = await until("it has grown a little", patience, async () => {
      const now = await weight("lb1")
      return now > 1 && now
    })
    expect(grown).toBeLessThan(100)
    expect(await lbctl("plan")).toMatch(/^No changes/m)
    for (const director of ["lb1", "lb2"])
      await until(`${director} is at 100`, patience, async () => (await weight(director)) === 100)
  })

  it("gives a director another priority over a restart of its agent, until it is lifted", async () => {
    await lbctl("set-priority lb1 50", "--for", "10m", "--reason", "fan")
    await untilMaster("lb2")
    await lab.node("lb1").must("systemctl restart lbagent")
    expect(await lbctl("show ha")).toMatch(/^lab +lb1 +BACKUP .* 50 \(150\) /m)
    expect(await lbctl("show overrides")).toMatch(
      /^lb1 +given priority 50 in lab .* lb1,lb2 +fan$/m,
    )
    await lbctl("set-priority lb1 default")
    await untilMaster("lb1")
    expect(await lbctl("show ha")).toMatch(/^lab +lb1 +MASTER .* 150 /m)
  })

  it("refuses on the node what access rules do not grant the login", async () => {
    inventory.write(ruled)
    await lbctl("apply", "--yes")
    const refused = await inventory.lbctl("weight rs1 5", "--by", "root")
    expect(refused.code).toBe(9)
    expect(refused.stderr).toContain("access rules of lab do not grant ops weight on rs1:web")
    expect(await weight("lb1")).toBe(100)
    await lbctl("drain rs1", "--allow", "last-server")
    await lbctl("resume rs1")
    inventory.write(base)
    await lbctl("apply", "--yes")
  })

  it("shows all of it at a glance", async () => {
    expect(await lbctl("top", "--once")).toMatch(/^rs1 +web +10\.77\.0\.21:80 +up +100 /m)
    const moment: unknown = JSON.parse(await lbctl("top", "--once", "--json"))
    expect(moment).toMatchObject({ silent: [], destinations: [{ host: "rs1", weight: 100 }] })
  })
})
