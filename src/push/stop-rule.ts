import type { Phase } from "../model/plan.ts"
import { hostsOf, type Wave } from "../model/wave.ts"

/** A step of the plan that ended badly. */
export interface FailedStep {
  readonly host: string
  readonly phase: Phase
}

/**
 * Why no further host may begin; undefined while the rollout may go on. A canary that fails stops it always, others once they are
 * more than their limit: a percentage of a batch's hosts, or a number of all hosts of the run, the unreachable ones included.
 */
export function whyStop(
  waves: readonly Wave[],
  failed: readonly FailedStep[],
  unreachable: readonly string[],
): string | undefined {
  if (failed.length === 0 && unreachable.length === 0) return undefined
  const inRun = new Set([...failed.map((step) => step.host), ...unreachable]).size
  for (const wave of waves) {
    const bad = new Set(failed.filter(({ phase }) => phase === wave.phase).map(({ host }) => host))
    const canary = hostsOf(wave).find((host) => bad.has(host))
    if (wave.soakMs !== undefined && canary !== undefined) return `the canary ${canary} failed`
    for (const { hosts, maxFail } of wave.batches) {
      if ("hosts" in maxFail) {
        if (inRun > maxFail.hosts) return overNumber(inRun, maxFail.hosts)
        continue
      }
      const inBatch = hosts.filter((host) => bad.has(host)).length
      if (inBatch > 0 && maxFail.percent === 0) return "a host failed"
      if (inBatch * 100 > maxFail.percent * hosts.length)
        return `${inBatch} of ${hosts.length} failed, over the limit of ${maxFail.percent}%`
    }
  }
  return undefined
}

function overNumber(count: number, limit: number): string {
  return limit === 0 ? "a host failed" : `${count} failed, over the limit of ${limit}`
}
