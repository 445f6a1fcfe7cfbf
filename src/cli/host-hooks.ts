import type { HostHooks } from "../push/rollout-context.ts"
import { endFacts, stepFacts } from "./hook-facts.ts"
import { hookOf, type HookOptions } from "./hooks.ts"
import type { Definition } from "./pipeline.ts"

/** The user's programs around each step of a host. */
export function hostHooks(
  definition: Pick<Definition, "root" | "folder">,
  options: HookOptions,
): HostHooks {
  const before = hookOf("before-host", definition, options)
  const after = hookOf("after-host", definition, options)
  return {
    ...(before === undefined
      ? {}
      : { before: (planned, tell, signal) => before(stepFacts(planned), tell, signal) }),
    ...(after === undefined
      ? {}
      : {
          after: (planned, { outcome, detail }, tell, signal) =>
            after({ ...stepFacts(planned), ...endFacts(outcome, detail) }, tell, signal),
        }),
  }
}
