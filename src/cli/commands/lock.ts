import type { Inventories } from "../inventories.ts"
import { hostname } from "node:os"
import { Failure } from "../../core/failure.ts"
import { plural, table } from "../../core/text.ts"
import { holderWords, type Hold, type Lease } from "../../model/lock.ts"
import { askAll, type Answers } from "../../push/ask-all.ts"
import { lockedFailure } from "../../push/fleet-lock.ts"
import type { NodePool } from "../../push/node-pool.ts"
import type { LockCall, LockReply } from "../../wire/lock.ts"
import { bareRequest } from "../../wire/observe-request.ts"
import { managedHosts, withManaged, type ChoiceFlags } from "../chosen.ts"
import { parallelHosts, withPool } from "../pool.ts"
import { exitCodes } from "../exit.ts"
import { holdersOf, type Holder } from "../locked.ts"
import { operatorName } from "../operator.ts"
import { complain, print, printJson } from "../output.ts"

/** Options of lock acquire. */
export interface AcquireFlags extends ChoiceFlags {
  readonly message?: string
}

/** Options of lock release. */
export interface ReleaseFlags extends ChoiceFlags {
  readonly force?: true
}

/** `lbctl lock status`: who has which hosts. */
export async function lockStatus(inventory: Inventories, flags: ChoiceFlags): Promise<number> {
  return withHosts(inventory, flags, async (hosts, pool) => {
    const { answers, failures } = await askAll(
      hosts,
      (host) => pool.node(host),
      parallelHosts,
      (node) => node.observe(bareRequest),
    )
    const holders = holdersOf(answers.values())
    if (flags.json === true) printJson({ locked: holders.map(flat), unreachable: failures })
    else print(holders.length === 0 ? "nobody holds a lock" : statusTable(holders))
    return ended(failures, flags.json === true)
  })
}

/** `lbctl lock acquire -m TEXT`: nobody changes these hosts until `lbctl lock release`; all of them or none. */
export async function lockAcquire(inventory: Inventories, flags: AcquireFlags): Promise<number> {
  const message = (flags.message ?? "").trim()
  if (message === "") {
    throw new Failure("input", "lock acquire needs a message", {
      hint: "lbctl lock acquire -m 'why, and until when': others read it when they are refused",
    })
  }
  const by = operatorName()
  const hold = { since: new Date().toISOString(), from: hostname(), by, message }
  return withHosts(inventory, flags, async (hosts, pool) => {
    const { answers, failures } = await askLock(hosts, pool, { verb: "hold", hold })
    const refused = refusals(answers)
    const done = [...answers].filter(([, reply]) => reply.type === "held").map(([host]) => host)
    const [first] = refused
    if (first !== undefined || failures.length > 0) {
      await askLock(new Set(done), pool, { verb: "lift", by, force: false })
      if (first !== undefined) throw lockedFailure(first.host, first.holder)
      complain("no lock is held: it is for all of these hosts, or none")
      return ended(failures, flags.json === true)
    }
    if (flags.json === true) printJson({ held: done })
    else print(`locked ${plural(done.length, "host")} until lbctl lock release: ${message}`)
    return exitCodes.done
  })
}

/** `lbctl lock release`: lifts what this operator holds; with `--force` everybody's, and the locks of runs. */
export async function lockRelease(inventory: Inventories, flags: ReleaseFlags): Promise<number> {
  const call: LockCall = { verb: "lift", by: operatorName(), force: flags.force === true }
  return withHosts(inventory, flags, async (hosts, pool) => {
    const { answers, failures } = await askLock(hosts, pool, call)
    const lifted = [...answers].flatMap(([host, reply]) =>
      reply.type === "released" ? reply.lifted.map((holder) => ({ host, holder })) : [],
    )
    const refused = refusals(answers)
    if (flags.json === true)
      printJson({ released: lifted.map(flat), locked: refused.map(flat), unreachable: failures })
    else {
      if (lifted.length > 0) print(`released:\n${statusTable(lifted)}`)
      else if (refused.length === 0) print("there was no lock to release")
      for (const { host, holder } of refused)
        complain(`${host}: locked by ${holderWords(holder)}\n    --force releases it all the same`)
    }
    const code = ended(failures, flags.json === true)
    return refused.length > 0 ? exitCodes.locked : code
  })
}

function withHosts(
  inventory: Inventories,
  flags: ChoiceFlags,
  work: (hosts: ReadonlySet<string>, pool: NodePool) => Promise<number>,
): Promise<number> {
  return withManaged(inventory, flags, (definition, chosen) =>
    withPool(definition.fleet, (pool) => work(managedHosts(definition, chosen, flags.limit), pool)),
  )
}

function askLock(
  hosts: ReadonlySet<string>,
  pool: NodePool,
  call: LockCall,
): Promise<Answers<LockReply>> {
  return askAll(
    hosts,
    (host) => pool.node(host),
    parallelHosts,
    (node) => node.lock(call),
  )
}

function refusals(answers: ReadonlyMap<string, LockReply>): Holder[] {
  return [...answers].flatMap(([host, reply]): Holder[] => {
    if (reply.type === "leased") return [{ host, holder: reply.lease }]
    return reply.type === "holding" ? [{ host, holder: reply.hold }] : []
  })
}

/** One line a holder, however many hosts he has. */
function statusTable(holders: readonly Holder[]): string {
  const hosts = new Map<string, string[]>()
  for (const { host, holder } of holders) {
    const words = holderWords(holder)
    hosts.set(words, [...(hosts.get(words) ?? []), host])
  }
  return table([...hosts].map(([words, names]) => [`  ${names.join(", ")}:`, words]))
}

function flat({ host, holder }: Holder): Holder["holder"] & { readonly host: string } {
  return { host, ...holder }
}

function ended(failures: Answers<Lease | Hold>["failures"], json: boolean): number {
  for (const { host, message, hint } of json ? [] : failures)
    complain(`${host}: ${message}${hint === undefined ? "" : `\n    ${hint}`}`)
  return failures.length > 0 ? exitCodes.unreachable : exitCodes.done
}
