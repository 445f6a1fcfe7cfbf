import { Failure } from "../../src/core/failure.ts"
import type { FailureCode } from "../../src/core/failure.ts"
import type { Observed } from "../../src/model/observed.ts"
import type { Node } from "../../src/push/node.ts"

/** What can go wrong at a step of a host: a failure of that code, or a promise to wait for first. */
export type Fault = FailureCode | (() => Promise<void>)

/** A fleet in memory whose nodes keep the rules of the node script, and a log of all they were asked. */
export interface FakeFleet {
  readonly log: readonly string[]
  node(host: string): Node
  /** Release of each host: `old`, `new`, or `new?` while unconfirmed. */
  release(host: string): string
  /** Transactions whose stage is still on the host. */
  stages(host: string): readonly string[]
}

/**
 * @param faults by `STEP HOST`: `activate rs1`. A node that fails at activation has reverted, unless it is `unreachable`.
 * @param answers what the agent of a director says: by `HOST WORD`.
 */
export function fakeFleet(
  faults: Readonly<Record<string, Fault>> = {},
  answers: Readonly<Record<string, { code: number; stdout: string }>> = {},
): FakeFleet {
  const log: string[] = []
  const nodes = new Map<string, { node: Node; state: State }>()
  const make = (host: string) => {
    const state: State = { release: "old", staged: new Set(), open: undefined }
    const step = async (name: string) => {
      log.push(`${name} ${host}`)
      await Promise.resolve()
      const fault = faults[`${name} ${host}`]
      if (fault === "reverted" && state.open !== undefined) {
        state.staged.delete(state.open)
        state.open = undefined
        state.release = "old"
      }
      if (typeof fault === "function") await fault()
      else if (fault !== undefined) throw new Failure(fault, `${name} failed`, { host })
    }
    return { state, node: fakeNode(host, state, step, answers) }
  }
  const entry = (host: string) => {
    const known = nodes.get(host) ?? make(host)
    nodes.set(host, known)
    return known
  }
  return {
    log,
    node: (host) => entry(host).node,
    release: (host) => entry(host).state.release,
    stages: (host) => [...entry(host).state.staged],
  }
}

interface State {
  release: string
  readonly staged: Set<string>
  open: string | undefined
}

function fakeNode(
  host: string,
  state: State,
  step: (name: string) => Promise<void>,
  answers: Readonly<Record<string, { code: number; stdout: string }>>,
): Node {
  return {
    host,
    async observe() {
      await step("observe")
      return observedHost(host, state.release)
    },
    examine: () => Promise.reject(new Failure("failed", "this double is no patient")),
    installAgent: () => step("install"),
    installRuntime: () => step("runtime"),
    async stage(transaction) {
      await step("stage")
      state.staged.add(transaction)
    },
    async discard(transaction) {
      await step("discard")
      if (state.open === transaction) throw new Failure("failed", "it is activated")
      state.staged.delete(transaction)
    },
    async activate(transaction) {
      if (!state.staged.has(transaction)) throw new Failure("failed", "nothing is staged")
      await step("activate")
      state.open = transaction
      state.release = "new?"
      return { release: () => undefined }
    },
    async confirm(transaction) {
      await step("confirm")
      if (state.open !== transaction) return "gone"
      state.open = undefined
      state.staged.delete(transaction)
      state.release = "new"
      return "confirmed"
    },
    async revert(transaction) {
      await step("revert")
      if (state.release === "new") return "confirmed"
      state.open = undefined
      state.staged.delete(transaction)
      state.release = "old"
      return "reverted"
    },
    async settle() {
      await step("settle")
      if (state.open === undefined) return "nothing"
      state.open = undefined
      state.release = "old"
      return "reverted"
    },
    async lock(call) {
      await step(call.verb)
      if (call.verb === "renew") return { type: "renewed" }
      return call.verb === "take"
        ? { type: "taken", release: state.release }
        : { type: "released", lifted: [] }
    },
    async past() {
      await step("past")
      return { current: state.release, releases: [], entries: [] }
    },
    async release(id) {
      await step("release")
      throw new Failure("failed", `there is no release ${id} in memory`, { host })
    },
    async agent(_agent, words) {
      await step(words[0] ?? "")
      return { stderr: "", ...(answers[`${host} ${words[0]}`] ?? { code: 0, stdout: "[]" }) }
    },
    close: () => undefined,
  }
}

/** A host that holds little; `release` as the fake's. */
export function observedHost(host: string, release = "old"): Observed {
  return {
    host,
    facts: {},
    links: [{ name: "eth0", mac: `02:00:00:00:00:${macByte(host)}`, up: true, mtu: 1500 }],
    addresses: [],
    files: {},
    sysctls: {},
    modules: {},
    units: {},
    commands: {},
    agents: [],
    release,
    owned: { files: [], sysctls: [], addresses: [], units: [], linksUp: [] },
  }
}

/** `rs7` has the MAC that ends in 07. */
function macByte(host: string): string {
  return (Number(/\d+$/.exec(host)?.[0] ?? 0) % 256).toString(16).padStart(2, "0")
}
