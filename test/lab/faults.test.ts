import { once } from "node:events"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { holding, residue, settlesAt } from "./holding.ts"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { projectRoot } from "./lib/project.ts"
import { until } from "./lib/until.ts"

/** Checks that a busy machine does not fail by chance. */
const check = { type: "http", path: "/healthz", interval: "2s", timeout: "1900ms", retries: 3 }
const web = { check }
const extra = { check, vip: ["10.77.0.101", "fd77::101"] }
/** Two states of the fleet that differ on every node. */
const definitions = {
  one: { services: { web } },
  two: { services: { web, extra } },
} satisfies Record<string, InventoryOptions>
type Name = keyof typeof definitions

/** Moments at which lbctl is killed; more for a thorough run. */
const moments = Number(process.env["LBCTL_LAB_MOMENTS"] ?? 4)

/** A role with one file, and what is to happen when it changes. */
function role(hosts: string, handler: Readonly<Record<string, unknown>>, content = "{{host}}\n") {
  const path = `/etc/faults-${hosts}`
  const notify = ["act"]
  const text = JSON.stringify({
    applies_to: { hosts: [hosts] },
    files: [{ path, content, notify }],
    handlers: [{ name: "act", ...handler }],
  })
  return { [`roles/faults-${hosts}/role.yml`]: text }
}

describe.skipIf(skipWithoutLab())("an apply that is cut short", () => {
  let lab: Lab
  let inventory: Inventory
  let lb1: LabNode
  let rs1: LabNode
  /** What each node holds in each state. */
  const states = new Map<LabNode, Record<string, string>>()
  let events = 0

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    inventory = new Inventory(lab, definitions.one)
    lb1 = lab.node("lb1")
    rs1 = lab.node("rs1")
  })
  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Starts an apply that tells its events, and gives `seen` each of its lines. */
  function start(seen: (line: string, number: number) => void, ...more: readonly string[]) {
    const child = lab.controller.spawn(inventory.argv("apply", "--yes", "--json", ...more), {
      cwd: projectRoot(),
      stdio: ["ignore", "pipe", "pipe"],
    })
    let said = ""
    let lines = 0
    if (child.stdout === null || child.stderr === null) throw new Error("no pipes")
    createInterface(child.stdout).on("line", (line) => {
      said += `${line}\n`
      lines += 1
      seen(line, lines)
    })
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()))
    return { child, ended: once(child, "close"), said: () => said, lines: () => lines }
  }

  async function define(name: Name): Promise<void> {
    inventory.write(definitions[name])
  }

  async function reaches(name: Name): Promise<string> {
    await define(name)
    const { code, stdout, stderr } = await inventory.apply()
    expect(`${stdout}${stderr}`.trim().length).toBeGreaterThan(0)
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    return `${stdout}${stderr}`
  }

  async function expectAll(name: Name): Promise<void> {
    for (const [node, wanted] of states) {
      await settlesAt(node, { [name]: wanted[name] ?? "" })
      expect(await residue(node)).toBe("")
    }
  }

  it("takes a director's first release back without a trace when a handler fails", async () => {
    await lb1.must("modprobe ip_vs")
    const before = await holding(lb1)
    inventory.write({
      ...definitions.one,
      files: role("lb1", { run: ["sh", "-c", "echo no luck today >&2; exit 3"] }),
    })
    const { code, stdout, stderr } = await inventory.apply("--limit", "lb1")
    expect({ code, stdout, stderr }).toMatchObject({ code: 7 })
    expect(stdout + stderr).toContain("no luck today")
    inventory.drop("roles")
    await settlesAt(lb1, { before })
    expect(await residue(lb1)).toBe("")
    expect(await lb1.must("ls -A /var/lib/lbctl; ls -A /run/lbctl")).not.toMatch(/current|agent/)
  })

  it("reaches both states undisturbed, for comparison", async () => {
    await reaches("two")
    for (const node of [lb1, rs1]) states.set(node, { two: await holding(node) })
    await define("one")
    const run = start(() => undefined)
    const [code] = await run.ended
    expect({ code, said: run.said() }).toMatchObject({ code: 0 })
    events = run.lines()
    for (const [node, known] of states) states.set(node, { ...known, one: await holding(node) })
    for (const known of states.values()) expect(known["one"]).not.toBe(known["two"])
    await expectAll("one")
  })

  it("leaves every node on the old release or the new when lbctl is killed, and the next apply explains and finishes", async () => {
    for (let moment = 0; moment < moments; moment++) {
      const target = moment % 2 === 0 ? "two" : "one"
      const at = 1 + Math.floor(((moment + 0.5) * events) / moments)
      await define(target)
      const run = start(
        (_line, number) => {
          if (number === at) setTimeout(() => run.child.kill("SIGKILL"), (moment * 137) % 400)
        },
        "--confirm-timeout",
        "5s",
      )
      await run.ended
      const where = `moment ${moment}: killed after line ${at} of ${events}`
      const open = await openOn([lb1, rs1])
      const waits = moment % 2 === 1
      if (waits) {
        for (const [node, wanted] of states) {
          await until(
            `${where}: nothing is open`,
            { timeout: 90_000 },
            async () => (await openOn([node])).length === 0,
          )
          await settlesAt(node, wanted)
        }
      }
      const said = await reaches(target)
      for (const node of open) {
        expect(said, where).toMatch(
          new RegExp(`${node}: .*(${waits ? "not confirmed within" : "it is taken back"})`),
        )
      }
      await expectAll(target)
    }
  })

  it.each<[string, InventoryOptions, RegExp]>([
    [
      "a packet filter",
      {
        files: role("rs1", {
          run: ["iptables", "-I", "INPUT", "-s", "10.77.0.1", "-j", "DROP"],
          withdraw: ["iptables", "-D", "INPUT", "-s", "10.77.0.1", "-j", "DROP"],
        }),
      },
      /rs1 .*FAILED/,
    ],
    [
      "a VIP that is the controller's address",
      { services: { web, extra: { check, vip: "10.77.0.1" } } },
      /rs1 .*FAILED/,
    ],
    [
      "no sshd",
      {
        files: {
          "roles/faults-rs1/role.yml": JSON.stringify({
            applies_to: { hosts: ["rs1"] },
            units: [{ name: "ssh.service", enabled: false, running: false }],
          }),
        },
      },
      /rs1 .*FAILED/,
    ],
  ])(
    "is taken back by the node when it cuts the controller off by %s",
    async (_, change, words) => {
      inventory.write({ ...definitions.one, ...change })
      const began = Date.now()
      const { code, stdout, stderr } = await inventory.apply("--confirm-timeout", "5s")
      process.stderr.write(`${Date.now() - began} ms\n${stdout}${stderr}`)
      inventory.drop("roles")
      expect({ code, stdout, stderr }).toMatchObject({ code: 7 })
      expect(stdout).toMatch(words)
      await expectAll("one")
      expect(await reaches("one")).toContain("No changes")
    },
  )
})

async function openOn(nodes: readonly LabNode[]): Promise<string[]> {
  const found = await Promise.all(
    nodes.map(async (node) =>
      (await node.run("test -L /var/lib/lbctl/open")).code === 0 ? [node.name] : [],
    ),
  )
  return found.flat()
}
