import { Failure } from "../core/failure.ts"
import type { HostPlan } from "../model/plan.ts"
import type { RolloutInput } from "./rollout-context.ts"

/** For the agent's answer, beyond the time it is given. */
const graceMs = 15_000

/**
 * Resolves once no director of the plan holds these real servers in its kernel. Directors that lbctl leaves, or that have no
 * agent, send nothing any more by then.
 * @throws Failure `failed` when a director keeps one for too long; `unreachable` when it cannot be asked.
 */
export async function awaitDrained(
  planned: HostPlan,
  input: RolloutInput,
  timeoutMs: number,
): Promise<void> {
  if (planned.awaitDrained.length === 0) return
  const pairs = planned.awaitDrained.flatMap(({ service, server }) => [service, server])
  const words = ["drained", "--timeout", String(Math.ceil(timeoutMs / 1000)), ...pairs]
  await Promise.all(
    planned.directors.map(async (director) => {
      const agent = input.bundles.get(director)?.agent
      if (agent === undefined) return
      const result = await input.node(director).agent(agent, words, timeoutMs + graceMs)
      if (result.code === 0) return
      const said = (result.stdout + result.stderr).trim().split("\n").at(-1) ?? ""
      throw new Failure("failed", `${director} has not drained it: ${said}`, {
        hint: "its VIPs stay where they are; apply again when its connections are over",
      })
    }),
  )
}
