import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

/** Two services, the weight of the real servers in each, and the VIPs of `api`. */
function services(web: number, api: number, vips: readonly string[]): InventoryOptions {
  const service = (vip: readonly string[], weight: number) => ({
    cluster: "lab",
    vip,
    ports: [80],
    backends: { weight },
  })
  return { services: { web: service(["10.77.0.100"], web), api: service(vips, api) } }
}

describe.skipIf(skipWithoutLab())("an apply of one service", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up()
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    inventory = new Inventory(lab, services(1, 1, ["10.77.0.101"]))
  })
  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  async function apply(...more: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await inventory.apply(...more)
    expect(code, stdout + stderr).toBe(0)
    return stdout
  }

  /** Both directors hold these servers: `VIP server weight`. */
  async function untilHeld(wanted: readonly string[]): Promise<void> {
    for (const name of ["lb1", "lb2"]) {
      let held: string[] = []
      await until(
        `${name} holds what it shall`,
        { timeout: 40_000, interval: 300, detail: () => held.join(", ") },
        async () => {
          const table = await lab.node(name).must("ipvsadm -Sn")
          held = [...table.matchAll(/^-a -t (\S+):80 -r (\S+):80 -g -w (\d+)/gm)]
            .map(([, vip, server, weight]) => `${vip} ${server} ${weight}`)
            .sort()
          return held.join() === wanted.join()
        },
      )
    }
  }

  const served = (vip: string, weight: number) =>
    ["10.77.0.21", "10.77.0.22"].map((server) => `10.77.0.${vip} ${server} ${weight}`)
  const loopback = (name: string) => lab.node(name).must("ip -o -4 address show dev lo")

  it("leaves the other as the directors hold it, also on real servers", async () => {
    await apply()
    await untilHeld([...served("100", 1), ...served("101", 1)])
    inventory.write(services(3, 5, ["10.77.0.101", "10.77.0.102"]))
    await apply("--tags", "web")
    await untilHeld([...served("100", 3), ...served("101", 1)])
    expect(await loopback("rs2")).not.toContain("10.77.0.102")
  })

  it("changes nothing the second time, and the rest is still to come", async () => {
    expect(await apply("--tags", "web")).toContain("No changes.")
    const plan = await inventory.lbctl("plan", "--detailed-exitcode")
    expect(plan.code, plan.stderr).toBe(2)
    expect(plan.stdout).not.toContain("10.77.0.100:80")
    expect(plan.stdout).toContain("10.77.0.101:80")
  })

  it("sets real servers up for its new VIP, and a saved plan of it is applied", async () => {
    const file = `${inventory.folder}/p.json`
    const planned = await inventory.lbctl("plan", "--tags", "service:api", "--out", file)
    expect(planned.code, planned.stdout + planned.stderr).toBe(0)
    const applied = await lab.controller.exec(inventory.argv("apply").slice(0, -1).concat(file), {
      timeout: 240_000,
    })
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    await untilHeld([...served("100", 3), ...served("101", 5), ...served("102", 5)])
    expect(await loopback("rs2")).toContain("10.77.0.102")
    expect(await apply()).toContain("No changes.")
  })
})
