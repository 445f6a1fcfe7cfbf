import { setTimeout as sleep } from "node:timers/promises"

import { Failure, toFailure } from "../core/failure.ts"
import { holderWords, type Hold, type Lease } from "../model/lock.ts"
import type { LockReply } from "../wire/lock.ts"
import { limit } from "./limit.ts"
import type { Node } from "./node.ts"

/** How long a host's lock outlives the last word of its run, seconds, and how often the run gives word. */
const leaseSeconds = 300
const renewMs = 60_000
/** Hosts that cannot be reached do not hold up the end. */
const releaseMs = 5000

/** The lock of a run on all hosts it may touch. */
export interface FleetLock {
  /** The confirmed release of each host when the lock was taken; undefined for none. */
  readonly releases: ReadonlyMap<string, string | undefined>
  /** Gives the lock back; a host that cannot be told forgets it within minutes. */
  release(): Promise<void>
}

/** How a lock is taken. */
export interface LockOptions {
  readonly parallel: number
  /** Runs by host whose controllers are known to be gone: their locks are taken over. */
  readonly dead: ReadonlyMap<string, string>
  /** Told of each lock that was taken over. */
  readonly overtaken: (host: string, lease: Lease) => void
}

/**
 * Takes the lock on all hosts, or on none. Nobody waits while he holds one, so runs cannot block each other for good; and of
 * two that want the same hosts the one that gets the first of them by name gets them all.
 * @throws Failure `locked` with who has it, or why a host could not be asked.
 */
export async function lockFleet(
  hosts: readonly string[],
  node: (host: string) => Node,
  lease: Lease,
  options: LockOptions,
): Promise<FleetLock> {
  const [first, ...others] = [...hosts].sort()
  const atOnce = limit(options.parallel)
  const releases = new Map<string, string | undefined>()
  const everywhere = (ask: (host: string) => Promise<unknown>) =>
    Promise.allSettled([...releases.keys()].map((host) => atOnce(() => ask(host))))
  const release = async () => {
    clearInterval(timer)
    const told = everywhere((host) => node(host).lock({ verb: "release", run: lease.run }))
    await Promise.race([told, sleep(releaseMs, undefined, { ref: false })])
  }
  const take = async (host: string) => {
    const dead = options.dead.get(host)
    const named = dead === undefined ? {} : { dead }
    const reply = await node(host).lock({ verb: "take", lease, seconds: leaseSeconds, ...named })
    if (reply.type !== "taken") throw refusal(host, reply)
    releases.set(host, reply.release)
    if (reply.stale !== undefined) options.overtaken(host, reply.stale)
  }
  const renew = () =>
    everywhere((host) => node(host).lock({ verb: "renew", run: lease.run, seconds: leaseSeconds }))
  const timer = setInterval(() => void renew(), renewMs)
  timer.unref()
  try {
    if (first !== undefined) await take(first)
    const results = await Promise.allSettled(others.map((host) => atOnce(() => take(host))))
    const failed = results.flatMap((result): unknown[] =>
      result.status === "rejected" ? [result.reason] : [],
    )
    if (failed.length > 0) throw worst(failed)
  } catch (thrown) {
    await release()
    throw thrown
  }
  return { releases, release }
}

/** Somebody else's lock says more than a host that went away. */
function worst(failed: readonly unknown[]): Failure {
  const failures = failed.map((thrown) => toFailure(thrown))
  return failures.find(({ code }) => code === "locked") ?? toFailure(failures[0])
}

function refusal(host: string, reply: LockReply): Failure {
  if (reply.type === "leased") return lockedFailure(host, reply.lease)
  if (reply.type === "holding") return lockedFailure(host, reply.hold)
  return new Failure("failed", `the host answered ${reply.type} to a lock`, { host })
}

/** Why nothing can be begun on a host. */
export function lockedFailure(host: string, holder: Lease | Hold): Failure {
  const hint =
    "message" in holder
      ? "nothing was changed; whoever holds it lifts it with lbctl lock release"
      : "nothing was changed; --lock-wait 15m waits for it to end, lbctl lock status shows all"
  return new Failure("locked", `locked by ${holderWords(holder)}`, { host, hint })
}
