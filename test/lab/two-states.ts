import { once } from "node:events"
import { createInterface } from "node:readline"
import { expect } from "vitest"
import { holding, residue, settlesAt } from "./holding.ts"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import type { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { projectRoot } from "./lib/project.ts"
import { until } from "./lib/until.ts"

/** A check that a busy machine does not fail by chance. */
export const patientCheck = {
  type: "http",
  path: "/healthz",
  interval: "2s",
  timeout: "1900ms",
  retries: 3,
}
const web = { check: patientCheck }
const extra = { check: patientCheck, vip: ["10.77.0.101", "fd77::101"] }

/** Two states of a fleet that differ on every node. */
export const definitions = {
  one: { services: { web } },
  two: { services: { web, extra } },
} satisfies Record<string, InventoryOptions>
export type StateName = keyof typeof definitions

/** Moments a fault comes at; more for a thorough run. */
export const moments = Number(process.env["LBCTL_LAB_MOMENTS"] ?? 4)

/** An apply that was started and tells its events. */
export interface StartedApply {
  kill(signal: "SIGKILL" | "SIGINT"): void
  /** Resolves to its exit code; undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>
  /** All it has said so far on standard output and standard error. */
  said(): string
  /** How many lines it has written to standard output. */
  lines(): number
}

/** A fleet of nodes that tests bring from one state to the other and back, with a fault on the way. */
export class TwoStates {
  readonly inventory: Inventory
  readonly #lab: Lab
  readonly #states = new Map<LabNode, Record<string, string>>()

  constructor(lab: Lab) {
    this.#lab = lab
    this.inventory = new Inventory(lab, definitions.one)
  }

  /** What the node holds in each state. */
  of(node: LabNode): Readonly<Record<string, string>> {
    return this.#states.get(node) ?? {}
  }

  /** Whether `learn` is through. */
  get learned(): boolean {
    return [...this.#states.values()].some((states) => "one" in states)
  }

  define(name: StateName): void {
    this.inventory.write(definitions[name])
  }

  /** `lbctl apply --yes --json`; `seen` gets each line and its number, from 1. */
  start(
    seen: (line: string, number: number) => void = () => undefined,
    ...more: readonly string[]
  ): StartedApply {
    const child = this.#lab.controller.spawn(
      this.inventory.argv("apply", "--yes", "--json", ...more),
      { cwd: projectRoot(), stdio: ["ignore", "pipe", "pipe"] },
    )
    let said = ""
    let lines = 0
    if (child.stdout === null || child.stderr === null) throw new Error("no pipes")
    createInterface(child.stdout).on("line", (line) => {
      said += `${line}\n`
      lines += 1
      seen(line, lines)
    })
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()))
    return {
      kill: (signal) => void child.kill(signal),
      ended: once(child, "close").then(([code]) => (typeof code === "number" ? code : undefined)),
      said: () => said,
      lines: () => lines,
    }
  }

  /** Applies a state, which must work; returns what lbctl said. */
  async reach(name: StateName): Promise<string> {
    this.define(name)
    const { code, stdout, stderr } = await this.inventory.apply()
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    return `${stdout}${stderr}`
  }

  /** Reaches both states undisturbed; returns how many lines `start` gives on the way to the first. */
  async learn(nodes: readonly LabNode[]): Promise<number> {
    await this.reach("two")
    for (const node of nodes) this.#states.set(node, { two: await holding(node) })
    this.define("one")
    const run = this.start()
    expect({ code: await run.ended, said: run.said() }).toMatchObject({ code: 0 })
    for (const node of nodes) {
      const one = await holding(node)
      expect(one).not.toBe(this.of(node)["two"])
      this.#states.set(node, { ...this.of(node), one })
    }
    await this.expectAll("one")
    return run.lines()
  }

  /** Every node ends up in this state with nothing left over. */
  async expectAll(name: StateName): Promise<void> {
    for (const [node, states] of this.#states) {
      await expectClean(node)
      await settlesAt(node, { [name]: states[name] ?? "" })
    }
  }

  /** The node ends up in one of the two states with nothing left over but what was only staged. */
  async expectEither(node: LabNode): Promise<string> {
    await until(
      `nothing is open on ${node.name}`,
      { timeout: 90_000 },
      async () => (await openOn([node])).length === 0,
    )
    return settlesAt(node, this.of(node))
  }
}

/** Nothing is left over on the node, or soon will not be. */
export async function expectClean(node: LabNode): Promise<void> {
  let left = ""
  const options = { timeout: 60_000, interval: 500, detail: () => left }
  await until(`nothing is left over on ${node.name}`, options, async () => {
    left = await residue(node)
    return left === ""
  })
}

/** Names of the nodes on which a transaction is open. */
export async function openOn(nodes: readonly LabNode[]): Promise<string[]> {
  const found = await Promise.all(
    nodes.map(async (node) =>
      (await node.run("test -L /var/lib/lbctl/open")).code === 0 ? [node.name] : [],
    ),
  )
  return found.flat()
}

/** Whether a line of `start` says that the host begins to change. */
export function beginsAt(line: string, host: string): boolean {
  const event = JSON.parse(line) as Readonly<Record<string, unknown>>
  return event["host"] === host && event["step"] === "activate" && event["state"] === "start"
}
