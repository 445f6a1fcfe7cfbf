import type { Inventories } from "../inventories.ts"
import { setTimeout as sleep } from "node:timers/promises"
import { Failure } from "../../core/failure.ts"
import { suggestion } from "../../core/suggestion.ts"
import { canTakeOver } from "../../model/takeover.ts"
import { askAgents } from "../agents.ts"
import { exitCodes } from "../exit.ts"
import type { KeyFlags } from "../keys.ts"
import { look } from "../look.ts"
import { operatorAtHost } from "../operator.ts"
import { complain, print } from "../output.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"
import { confirmed } from "../question.ts"

/** keepalived gives up and the peer takes over within a few adverts; the agent waits for that. */
const handoverMs = 60_000
const settlingMs = 10_000

/** Flags of `lbctl failover`. */
export interface FailoverFlags extends KeyFlags {
  readonly yes?: true
  readonly by?: string
  readonly reason?: string
}

/** `lbctl failover CLUSTER`: the master hands over to a backup. */
export async function failover(
  name: string,
  inventory: Inventories,
  options: FailoverFlags,
): Promise<number> {
  const definition = await readDefinition(inventory, options)
  if (!definition.ok) return refuse(definition.error, "text")
  const { clusters } = definition.value.fleet
  const cluster = clusters.find((candidate) => candidate.name === name)
  if (cluster === undefined) {
    const known = clusters.map((candidate) => candidate.name)
    throw new Failure("input", `there is no cluster ${name}`, {
      hint: suggestion(name, known, `the clusters are ${known.join(", ")}`),
    })
  }
  const directors = new Set(cluster.directors.map((director) => director.host))
  const { preempt } = cluster.vrrp
  const before = await pollStates(
    definition.value,
    name,
    directors,
    (states) =>
      hasOneMaster(states) &&
      (states.some((state) => canTakeOver(state, preempt)) ||
        states.every(({ demoted }) => !demoted)),
  )
  const handover = handoverOf(name, before, preempt)
  const question = `${handover.from} hands ${name}${alongWith(name, definition.value)} over to ${handover.to.join(" or ")}.`
  if (options.yes !== true && !(await confirmed(question))) return exitCodes.failed
  const why = options.reason === undefined ? [] : [`--reason=${options.reason}`]
  const words = ["failover", name, `--by=${options.by ?? operatorAtHost()}`, ...why]
  const [answer] = await askAgents(definition.value, [handover.ask], words, handoverMs)
  if (answer?.code !== 0) {
    complain(`${handover.ask}: ${answer?.words ?? "no answer"}`)
    if (answer?.code === undefined) return exitCodes.unreachable
    return answer.code === exitCodes.guarded ? exitCodes.guarded : exitCodes.failed
  }
  print(`${await newMaster(definition.value, name, directors)} is master of ${name}`)
  return exitCodes.done
}

/** The clusters that move with this one, in words. */
function alongWith(name: string, { fleet }: Definition): string {
  const group = fleet.keepalived.syncGroups.find(({ clusters }) => clusters.includes(name))
  if (group === undefined) return ""
  const others = group.clusters.filter((other) => other !== name)
  return ` and ${others.join(", ")}, which move with it (sync group ${group.name}),`
}

/** Who is master now. */
async function newMaster(
  definition: Definition,
  instance: string,
  hosts: ReadonlySet<string>,
): Promise<string> {
  const states = await pollStates(definition, instance, hosts, hasOneMaster)
  return masterOf(instance, states).host
}

/** Agents look once a second: for a moment after a handover each may tell the state of before. */
function hasOneMaster(states: readonly DirectorState[]): boolean {
  return states.filter(({ state }) => state === "MASTER").length === 1
}

/** Looks until what it sees is `settled`, or settling takes too long. */
async function pollStates(
  definition: Definition,
  instance: string,
  hosts: ReadonlySet<string>,
  settled: (states: readonly DirectorState[]) => boolean,
): Promise<DirectorState[]> {
  const deadline = performance.now() + settlingMs
  for (;;) {
    const states = await statesOf(definition, instance, hosts)
    if (settled(states) || performance.now() > deadline) return states
    await sleep(500)
  }
}

/** What one director says of the instance. */
interface DirectorState {
  readonly host: string
  /** As VRRP has it, or why it is not known. */
  readonly state: string
  readonly reached: boolean
  /** It gave the VIPs away by an earlier handover, and takes them back when that is lifted. */
  readonly demoted: boolean
}

async function statesOf(
  definition: Definition,
  instance: string,
  hosts: ReadonlySet<string>,
): Promise<DirectorState[]> {
  return (await look(definition, hosts, true)).map(({ view, observed, error }) => {
    const known = observed?.agent?.vrrp.find((item) => item.instance === instance)
    return {
      host: view.host,
      state: error ?? known?.state ?? "no agent",
      reached: error === undefined,
      demoted: known?.demoted ?? false,
    }
  })
}

/**
 * Who hands over to whom, and whose agent does it: the master's, or with preempt that of a director which an earlier handover
 * holds back, and which takes the VIPs once that is lifted.
 * @throws Failure `failed` unless there is exactly one master and a backup that is alive.
 */
function handoverOf(
  instance: string,
  states: readonly DirectorState[],
  preempt: boolean,
): { from: string; to: string[]; ask: string } {
  const master = masterOf(instance, states)
  const backups = states.filter((state) => canTakeOver(state, preempt))
  if (backups.length === 0) {
    throw new Failure("failed", `${instance} has no backup to take over: ${wordsOf(states)}`, {
      hint: "without one the VIPs would be gone for seconds: see to the other director first",
    })
  }
  const held = preempt ? backups.find(({ demoted }) => demoted) : undefined
  return { from: master.host, to: backups.map(({ host }) => host), ask: (held ?? master).host }
}

/** @throws Failure `failed` unless there is exactly one; `unreachable` when no director answers. */
function masterOf(instance: string, states: readonly DirectorState[]): DirectorState {
  const [master, ...others] = states.filter(({ state }) => state === "MASTER")
  if (master !== undefined && others.length === 0) return master
  if (!states.some(({ reached }) => reached)) {
    throw new Failure("unreachable", `no director of ${instance} answers: ${wordsOf(states)}`, {
      hint: "nothing was changed; check the network and the login",
    })
  }
  const count = master === undefined ? "no master" : "several masters"
  throw new Failure("failed", `${instance} has ${count}: ${wordsOf(states)}`, {
    hint: "lbctl show nodes tells more; there must be exactly one for a handover",
  })
}

function wordsOf(states: readonly DirectorState[]): string {
  return states.map(({ host, state }) => `${host} ${state}`).join(", ")
}
