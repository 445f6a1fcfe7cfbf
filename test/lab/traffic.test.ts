import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import type { TrafficReport } from "./lib/traffic.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"
const vip6 = "fd77::100"
const otherVip = "10.77.0.101"
/** A request that takes longer has failed. Well above a loaded machine's stalls, well below a client's patience. */
const patience = 3000
/** 3 x advert_int and the skew of lb2 (RFC 5798 section 6.1: (256 - 100) / 256 s), and a second for the machine. */
const takeoverMs = 3000 + 610 + 1000

/** What the inventory says at one time; the members keep their values until a later change names them. */
interface Definition {
  readonly weights: Readonly<Record<string, number>>
  readonly ports: readonly string[]
  readonly scheduler: string
  readonly without: readonly string[]
  readonly priority: Readonly<Record<string, number>>
  readonly second: boolean
}

const start: Definition = {
  weights: {},
  ports: ["80/tcp"],
  scheduler: "wrr",
  without: ["rs3"],
  priority: { lb1: 150, lb2: 100 },
  second: false,
}

function inventoryOf(definition: Definition): InventoryOptions {
  const hosts = Object.fromEntries(
    Object.entries(definition.weights).map(([host, weight]) => [host, { weight }]),
  )
  const vrrp = { interface: "eth0", virtual_router_id: 51, priority: definition.priority }
  const web = {
    ports: definition.ports,
    scheduler: definition.scheduler,
    drain_timeout: "4s",
    backends: { hosts },
  }
  return {
    without: definition.without,
    cluster: { vrrp },
    services: definition.second ? { web, other: { vip: [otherVip] } } : { web },
  }
}

describe.skipIf(skipWithoutLab())("traffic through the VIP", () => {
  let lab: Lab
  let inventory: Inventory
  let now = start

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1", "rs2", "rs3"] })
    const servers = ["rs1", "rs2", "rs3"]
    await Promise.all(
      servers.flatMap((name) => [80, 81].map((port) => lab.serveHttp(name, { port }))),
    )
    inventory = new Inventory(lab, inventoryOf(start))
    await change({})
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Changes the definition and applies it; the summary line of the plan. */
  async function change(difference: Partial<Definition>): Promise<string> {
    now = { ...now, ...difference }
    inventory.write(inventoryOf(now))
    const { code, stdout, stderr } = await inventory.apply()
    expect(code, `${stdout}${stderr}`).toBe(0)
    return /^(Plan:|No changes).*$/m.exec(stdout)?.[0] ?? ""
  }

  async function lbctl(command: string, ...more: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await inventory.lbctl(command, ...more)
    expect(code, `${command}: ${stdout}${stderr}`).toBe(0)
    return stdout
  }

  /** 200 requests a second through the VIP for as long as `work` takes. */
  async function underLoad(work: () => Promise<void>, port = 80): Promise<TrafficReport> {
    const traffic = await lab.traffic({ address: vip, port, rate: 200, timeout: patience })
    try {
      await work()
    } finally {
      await sleep(1000)
      await traffic.stop()
    }
    const report = await traffic.done
    console.log(JSON.stringify(report))
    return report
  }

  async function master(): Promise<LabNode> {
    const nodes = ["lb1", "lb2"].map((name) => lab.node(name)).filter((node) => node.running)
    const held = await Promise.all(
      nodes.map(async (node) =>
        (await node.run("ip -o address show")).stdout.includes(`${vip}/`),
      ),
    )
    const [only, ...others] = nodes.filter((_, index) => held[index])
    if (only === undefined || others.length > 0) throw new Error(`masters: ${held.join()}`)
    return only
  }

  function other(node: LabNode): LabNode {
    return lab.node(node.name === "lb1" ? "lb2" : "lb1")
  }

  it("loses no request while ten applies change all there is to change", async () => {
    const retransmitted = await synRetransmissions()
    const held = await lab.held({ address: vip, port: 80, connections: 12, timeout: patience })
    const before = await master()
    const summaries: string[] = []
    let second: TrafficReport | undefined
    const report = await underLoad(async () => {
      const apply = async (difference: Partial<Definition>) => {
        summaries.push(await change(difference))
      }
      await apply({ weights: { rs1: 3 } })
      await apply({ without: [] })
      await apply({ ports: ["80/tcp", "81/tcp"] })
      await lbctl("drain rs2")
      second = await underLoad(async () => {
        await apply({ without: ["rs2"], weights: { rs1: 2, rs3: 4 } })
      }, 81)
      await apply({ ports: ["80/tcp"] })
      await apply({ second: true })
      await lbctl("resume rs2")
      await apply({ without: [] })
      await apply({ second: false })
      await apply({ priority: { lb1: 120, lb2: 90 } })
      await apply({ scheduler: "wlc", weights: {} })
    })
    const after = await held.stop()
    console.log(JSON.stringify(after), summaries, await synRetransmissions() - retransmitted)
    expect(summaries.filter((summary) => summary.startsWith("Plan: "))).toHaveLength(10)
    expect(report.gaps).toEqual([])
    expect(report).toMatchObject({ failed: 0, errors: {} })
    expect(second).toMatchObject({ failed: 0, errors: {} })
    expect(Object.keys(report.servers).sort()).toEqual(["rs1", "rs2", "rs3"])
    expect(after.deaths.filter((death) => death.server !== "rs2")).toEqual([])
    expect(after.servers["rs1"]).toBeGreaterThan(0)
    expect((await master()).name).toBe(before.name)
  })

  /** How often the client had to send a connection's first packet again. */
  async function synRetransmissions(): Promise<number> {
    const [names = "", values = ""] = (
      await lab.client.must(["grep", "^TcpExt:", "/proc/net/netstat"])
    ).split("\n")
    return Number(values.split(" ")[names.split(" ").indexOf("TCPSynRetrans")])
  }
})
