import { setTimeout as sleep } from "node:timers/promises"
import { formatDuration } from "../core/duration.ts"
import { plural } from "../core/text.ts"
import { holderWords, type Hold, type Lease } from "../model/lock.ts"
import { Failure } from "../core/failure.ts"
import type { Observed } from "../model/observed.ts"
import { askAll } from "../push/ask-all.ts"
import { controllerProcess, isGone } from "../push/controller-process.ts"
import { lockedFailure, lockFleet, type FleetLock } from "../push/fleet-lock.ts"
import type { NodePool } from "../push/node-pool.ts"
import { bareRequest } from "../wire/observe-request.ts"
import type { Who } from "../wire/who.ts"
import type { Contacted } from "./contact.ts"
import { parallelHosts } from "./pool.ts"
import { complain } from "./output.ts"

/** Who has a host's lock. */
export interface Holder {
  readonly host: string
  readonly holder: Lease | Hold
}

const pauseMs = 3000
const tellMs = 30_000

/** Hosts that somebody has the lock of; the lock of a run whose process is gone does not count. */
export function holdersOf(observed: Iterable<Observed>): Holder[] {
  return [...observed].flatMap(({ host, hold, lease }): Holder[] => {
    if (hold !== undefined) return [{ host, holder: hold }]
    return lease === undefined || isGone(lease.process) ? [] : [{ host, holder: lease }]
  })
}

/**
 * Waits until nobody has the lock of any of these hosts, at most until `deadline` (performance.now()), telling who is waited for.
 * @returns whether it had to wait: what was seen of the hosts before is old then.
 * @throws Failure `locked` when the time is over.
 */
export async function awaitUnlocked(
  observed: readonly Observed[],
  pool: NodePool,
  deadline: number,
): Promise<boolean> {
  let holders = holdersOf(observed)
  let told = -Infinity
  for (let waited = false; ; waited = true) {
    const [first] = holders
    if (first === undefined) return waited
    const left = deadline - performance.now()
    if (left <= 0) throw lockedFailure(first.host, first.holder)
    if (performance.now() - told >= tellMs) {
      told = performance.now()
      complain(waiting(first, holders.length, left))
    }
    await sleep(Math.min(pauseMs, left))
    const { answers } = await askAll(
      holders.map(({ host }) => host),
      (host) => pool.node(host),
      parallelHosts,
      (node) => node.observe(bareRequest),
    )
    holders = holdersOf(answers.values())
  }
}

/** Some moments, not the same for two runs that shut each other out. */
export async function pause(): Promise<void> {
  await sleep(pauseMs * (0.5 + Math.random()))
}

/**
 * Takes the lock of a run on hosts that were looked at.
 * @throws Failure `locked` with who has it; `stale` when another run came between the look and the lock.
 */
export async function lockHosts(
  hosts: readonly string[],
  { inputs }: Contacted,
  pool: NodePool,
  who: Who,
): Promise<FleetLock> {
  const { run, what, since, from, by } = who
  const observed = new Map(inputs.map((input) => [input.observed.host, input.observed]))
  const lock = await lockFleet(
    hosts,
    (host) => pool.node(host),
    { run, what, since, from, by, process: controllerProcess() },
    { parallel: parallelHosts, dead: deadRuns(observed.values()), overtaken },
  )
  const moved = hosts.find((host) => lock.releases.get(host) !== observed.get(host)?.release)
  if (moved === undefined) return lock
  await lock.release()
  throw new Failure("stale", "another run has changed it since it was looked at", {
    host: moved,
    hint: "nothing was changed by this run: plan again",
  })
}

function deadRuns(observed: Iterable<Observed>): ReadonlyMap<string, string> {
  return new Map(
    [...observed].flatMap(({ host, lease }): [string, string][] =>
      lease !== undefined && isGone(lease.process) ? [[host, lease.run]] : [],
    ),
  )
}

function overtaken(host: string, lease: Lease): void {
  complain(
    `${host}: took over the lock of ${holderWords(lease)}: that run ended without giving it back`,
  )
}

function waiting({ host, holder }: Holder, count: number, left: number): string {
  const others = count === 1 ? "" : ` and ${plural(count - 1, "more host")}`
  const time = formatDuration(Math.ceil(left / 1000) * 1000)
  return `waiting for ${host}${others}, locked by ${holderWords(holder)}; ${time} at most`
}
