import { setTimeout as sleep } from "node:timers/promises"

import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import type { HostPlan } from "../model/plan.ts"
import type { Tell } from "./node.ts"
import type { RolloutInput, RolloutOptions } from "./rollout-context.ts"

/** Between two looks. */
const pauseMs = 5000

/**
 * Watches a canary on its new release, which is not confirmed yet. What two looks in a row see against it, or the last one, is
 * no passing state.
 * @throws Failure `failed` when it did not pass, `interrupted` when the rollout was told to stop before the end.
 */
export async function soak(
  planned: HostPlan,
  soakMs: number,
  { input, options }: { readonly input: RolloutInput; readonly options: RolloutOptions },
  tell: Tell,
): Promise<void> {
  const until = performance.now() + soakMs
  tell(`watched for ${formatDuration(soakMs)}`)
  for (let doubted = false; ;) {
    const rest = until - performance.now()
    const [doubt] = await input.doubts(planned)
    if (doubt !== undefined && (doubted || rest <= 0)) throw refused(doubt)
    if (rest <= 0) return
    doubted = doubt !== undefined
    await pause(Math.min(pauseMs, rest), options)
  }
}

async function pause(milliseconds: number, { stop, abort }: RolloutOptions): Promise<void> {
  const signal = AbortSignal.any([stop, abort].filter((item) => item !== undefined))
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
  if (signal.aborted) {
    throw new Failure("interrupted", "the canary was not watched to the end")
  }
}

function refused(doubt: string): Failure {
  return new Failure("failed", `the canary did not pass: ${doubt}`, {
    hint: "it is on its old release again, and no other host was begun; lbctl show tells more",
  })
}
