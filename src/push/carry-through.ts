import { formatDuration } from "../core/duration.ts"
import { Failure, toFailure } from "../core/failure.ts"
import { endOf } from "./ends.ts"
import { hookAfter, hookBefore } from "./host-hooks.ts"
import { runTurn, type HostRun } from "./host-run.ts"
import { revertSeconds, type End, type Turn } from "./rollout-context.ts"

/** One host's turn with its hooks, to an end whatever happens. */
export async function endTurn(turn: Turn, run: HostRun): Promise<End> {
  const end = await carryThrough(turn, run)
  await hookAfter(turn, end, run)
  return end
}

async function carryThrough(turn: Turn, run: HostRun): Promise<End> {
  try {
    await hookBefore(turn, run)
    await withinTime(turn, run)
    return { outcome: "changed" }
  } catch (thrown) {
    return endOf(toFailure(thrown, turn.planned.host))
  }
}

/** A host that takes too long is left to its revert timer. */
async function withinTime(turn: Turn, run: HostRun): Promise<void> {
  const { planned } = turn
  const { options, input } = run
  const patience =
    options.hostTimeoutMs +
    revertSeconds(turn, options.confirmSeconds) * 1000 +
    (planned.awaitDrained.length > 0 ? options.drainTimeoutMs : 0)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      input.node(planned.host).close()
      reject(
        new Failure("unreachable", `not done within ${formatDuration(patience)}`, {
          hint: "what is not confirmed reverts by itself; lbctl plan tells what the host holds now",
        }),
      )
    }, patience)
  })
  try {
    await Promise.race([runTurn(turn, run), late])
  } finally {
    clearTimeout(timer)
  }
}
