import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import type { InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"
import { untilTold } from "./told.ts"
import { patientCheck } from "./two-states.ts"

const vip = "10.77.0.100"
/** A request that takes longer has failed, milliseconds: a packet lost at the handover is sent again after 1 s (RFC 6298 section 2). */
const patience = 3000
const many = 25
const vipOf = (index: number): string => `10.77.0.${110 + index}`
const nothingLost = { failed: 0, errors: {}, gaps: [] }

/** `web`, and 25 services with a VIP each, all with this scheduler. */
function definition(scheduler: string, ports: readonly string[] = ["80/tcp"]): InventoryOptions {
  const usual = { drain_timeout: "4s", check: patientCheck, scheduler }
  const services = Object.fromEntries(
    Array.from({ length: many }, (_, index) => [
      `service-${index}`,
      { ...usual, vip: [vipOf(index)] },
    ]),
  )
  return {
    cluster: {
      vrrp: { interface: "eth0", virtual_router_id: 51, priority: { lb1: 150, lb2: 100 } },
      connection_sync: { interface: "eth0" },
    },
    services: { web: { ...usual, vip: [vip], ports }, ...services },
  }
}

/** What Seesaw loses requests or connections at (measured in such a lab), done by lbctl. */
describe.skipIf(skipWithoutLab())("what a director's users do not notice", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1", "rs2"] })
    await Promise.all(
      ["rs1", "rs2"].flatMap((name) => [80, 81].map((port) => lab.serveHttp(name, { port }))),
    )
    inventory = new Inventory(lab, definition("wrr"))
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Runs lbctl, which must succeed. */
  async function lbctl(command: string, ...more: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await inventory.lbctl(command, ...more)
    expect(code, `lbctl ${command}\n${stdout}${stderr}`).toBe(0)
  }

  async function become(options: InventoryOptions): Promise<void> {
    inventory.write(options)
    await lbctl("apply", "--yes")
  }

  /** The director that holds the VIP. */
  async function master(): Promise<LabNode> {
    let found: LabNode | undefined
    await until("one director is master", { timeout: 30_000 }, async () => {
      const nodes = ["lb1", "lb2"].map((name) => lab.node(name))
      const held = await Promise.all(
        nodes.map(async (node) => (await node.must("ip -o address show")).includes(`${vip}/`)),
      )
      found = nodes.find((_, index) => held[index])
      return held.filter(Boolean).length === 1
    })
    if (found === undefined) throw new Error("no master")
    return found
  }

  /** What clients of two services see while `work` goes on: new connections and twelve held ones. */
  async function seen(work: () => Promise<void>) {
    const held = await lab.held({ address: vip, port: 80, connections: 12, timeout: patience })
    const target = { rate: 100, timeout: patience }
    const web = await lab.traffic({ address: vip, port: 80, ...target })
    const other = await lab.traffic({ address: vipOf(many - 1), port: 80, ...target })
    try {
      await work()
      await sleep(1000)
    } finally {
      await Promise.all([held.stop(), web.stop(), other.stop()])
    }
    return { held: await held.done, web: await web.done, other: await other.done }
  }

  const nothing = { held: { died: 0, deaths: [] }, web: nothingLost, other: nothingLost }

  it("a port added to a service, and one removed", async () => {
    await become(definition("wrr"))
    const report = await seen(async () => {
      await become(definition("wrr", ["80/tcp", "81/tcp"]))
      await become(definition("wrr"))
    })
    expect(report).toMatchObject(nothing)
  })

  it(`${many} services replaced: at no moment is one of them gone`, async () => {
    await become(definition("wrr"))
    const director = await master()
    const least = "/run/least-services"
    await director.must(
      `(least=1000; while :; do
        now=$(ipvsadm -Sn | grep -c '^-A -t ')
        [ "$now" -ge "$least" ] || { least=$now; echo "$least" >${least}; }
      done) </dev/null >/dev/null 2>&1 & echo $! >/run/least-services.pid`,
    )
    const report = await seen(() => become(definition("wlc")))
    await director.must("kill $(cat /run/least-services.pid)")
    expect(report).toMatchObject(nothing)
    expect((await director.must(`cat ${least}`)).trim()).toBe(String(many + 1))
    const table = await director.must("ipvsadm -Sn")
    expect(table.match(/^-A -t \S+ -s wlc$/gm)).toHaveLength(many + 1)
  })

  it("a planned failover, with the connections it moves", async () => {
    await become(definition("wlc"))
    const from = await master()
    const to = lab.node(from.name === "lb1" ? "lb2" : "lb1")
    const report = await seen(async () => {
      await untilTold(lab, to, vip, 12)
      await lbctl("failover lab", "--yes")
    })
    expect(report).toMatchObject(nothing)
    expect((await master()).name).toBe(to.name)
  })
})
