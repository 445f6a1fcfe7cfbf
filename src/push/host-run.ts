import { setTimeout as sleep } from "node:timers/promises"

import { Failure, toFailure } from "../core/failure.ts"
import { plural } from "../core/text.ts"
import type { HostPlan } from "../model/plan.ts"
import { observeRequest } from "../wire/observe-request.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import { awaitDrained } from "./drains.ts"
import { handOver, takeBackVips } from "./handover.ts"
import type { Node } from "./node.ts"
import type { Recorder } from "./recorder.ts"
import type { RolloutInput, RolloutOptions, Turn } from "./rollout-context.ts"
import { revertSeconds } from "./rollout-context.ts"
import { soak } from "./soak.ts"
import { takeBack } from "./take-back.ts"

/** What one host's turn needs of the rollout around it. */
export interface HostRun {
  readonly input: RolloutInput
  readonly options: RolloutOptions
  readonly recorder: Recorder
  /** Hosts on an unconfirmed release, and performance.now() at which each reverts by itself. */
  readonly inFlight: Map<string, number>
  /** Rejects when the host's new VIPs are not silent. */
  readonly silent: (planned: HostPlan) => Promise<void>
}

/** Between two attempts to connect for the confirmation. */
const confirmPauseMs = 500

/**
 * One host's turn: wait for drains, activate, prove silence, watch a canary, confirm over a new connection, look again.
 * @throws Failure as the host ended: `reverted` when it is on its old release again.
 */
export async function runTurn(turn: Turn, run: HostRun): Promise<void> {
  const { planned, transaction } = turn
  const { input, recorder } = run
  const node = input.node(planned.host)
  const handedOver = await beforeChange(turn, run).catch(async (thrown: unknown) => {
    await node.discard(transaction).catch(() => undefined)
    throw thrown
  })
  await change(turn, run, node)
  await recorder.step(planned.host, "verify", () => verify(planned, input, node))
  for (const vrrp of handedOver.filter(({ preempt }) => preempt)) {
    await recorder.step(planned.host, "handover", () => takeBackVips(planned.host, vrrp, input))
  }
}

/** From the old release to the new one, confirmed, or back. */
async function change(turn: Turn, run: HostRun, node: Node): Promise<void> {
  const { planned, transaction } = turn
  const { options, recorder } = run
  const seconds = revertSeconds(turn, options.confirmSeconds)
  const deadline = performance.now() + seconds * 1000
  const giveUp = async (thrown: unknown): Promise<never> => {
    const failure = toFailure(thrown, planned.host)
    if (options.abort?.aborted === true) throw left(planned.host)
    if (failure.code === "reverted") throw failure
    throw await recorder.step(planned.host, "revert", () =>
      takeBack(node, transaction, deadline, failure, options.abort),
    )
  }
  run.inFlight.set(planned.host, deadline)
  try {
    const activation = await recorder
      .step(planned.host, "activate", (tell) =>
        node.activate(transaction, { seconds, operations: planned.operations, tell }),
      )
      .catch((thrown: unknown) => {
        const failure = toFailure(thrown, planned.host)
        if (failure.code === "locked" || failure.code === "stale") throw failure
        return giveUp(failure)
      })
    try {
      await settle(turn, run, node, deadline).catch(giveUp)
    } finally {
      activation.release()
    }
  } finally {
    run.inFlight.delete(planned.host)
  }
}

/**
 * What has to happen elsewhere before the host may change: drains, handovers.
 * @returns the instances that were handed over.
 */
async function beforeChange({ planned }: Turn, run: HostRun): Promise<readonly DesiredVrrp[]> {
  const { input, options, recorder } = run
  const { host } = planned
  if (planned.awaitDrained.length > 0) {
    await recorder.step(host, "drain", () => awaitDrained(planned, input, options.drainTimeoutMs))
  }
  const handedOver: DesiredVrrp[] = []
  for (const vrrp of planned.phase === "master" ? (input.handovers.get(host) ?? []) : []) {
    await recorder.step(host, "handover", async (tell) => {
      if (await handOver(host, vrrp, input, tell)) handedOver.push(vrrp)
    })
  }
  return handedOver
}

/** From an activated release to a confirmed one. */
async function settle(turn: Turn, run: HostRun, node: Node, deadline: number): Promise<void> {
  const { planned } = turn
  const { options, recorder } = run
  if (planned.gainedVips.length > 0) {
    await recorder.step(planned.host, "verify", () => run.silent(planned))
  }
  const { soakMs } = turn
  if (soakMs !== undefined) {
    await recorder.step(planned.host, "soak", (tell) => soak(planned, soakMs, run, tell))
  }
  // The second half of the time is for taking the release back in an orderly way.
  const until = deadline - options.confirmSeconds * 500
  await recorder.step(planned.host, "confirm", () => confirm(turn, run, node, until))
}

/** Tries new connections until `until`, so that one lost packet does not undo a release. */
async function confirm(
  { planned, transaction }: Turn,
  { input }: HostRun,
  node: Node,
  until: number,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      if ((await node.confirm(transaction)) === "confirmed") return
      // The answer to an earlier attempt may have been lost on its way.
      if (attempt > 0 && (await isThere(planned, input, node))) return
      throw new Failure("reverted", "the host took the release back before it was confirmed")
    } catch (thrown) {
      const failure = toFailure(thrown, planned.host)
      if (failure.code !== "unreachable" || performance.now() >= until) throw failure
      await sleep(confirmPauseMs)
    }
  }
}

async function isThere(planned: HostPlan, input: RolloutInput, node: Node): Promise<boolean> {
  const bundle = input.bundles.get(planned.host)
  if (bundle === undefined) return false
  const observed = await node.observe(observeRequest(bundle))
  return observed.transaction === undefined && observed.release === bundle.id
}

/** Looks at the host again: the plan must have nothing left to do there. */
async function verify(planned: HostPlan, input: RolloutInput, node: Node): Promise<void> {
  const bundle = input.bundles.get(planned.host)
  if (bundle === undefined) return
  const left = input.remaining(planned, await node.observe(observeRequest(bundle)))
  const [first] = left
  if (first === undefined) return
  throw new Failure(
    "failed",
    `${plural(left.length, "change")} did not take effect, the first: ${first.subject}: ${first.meaning}`,
    { hint: "something else on the host may set it back: see lbctl plan --diff" },
  )
}

function left(host: string): Failure {
  return new Failure("unreachable", "left in the middle of its activation; it reverts by itself", {
    host,
  })
}
