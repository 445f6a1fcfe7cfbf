import { withContacted } from "./contact.ts"
import type { Definition } from "./pipeline.ts"
import type { Seen } from "./tables.ts"

/** Looks at hosts by their views; who does not answer is listed with the reason. */
export async function look(
  definition: Definition,
  hosts: ReadonlySet<string>,
  quiet: boolean,
): Promise<Seen[]> {
  return withContacted(definition, hosts, quiet, async ({ inputs, unreachable }) =>
    definition.views
      .filter((view) => hosts.has(view.host))
      .map((view): Seen => {
        const observed = inputs.find((input) => input.observed.host === view.host)?.observed
        if (observed !== undefined) return { view, observed }
        const reason = unreachable.find((host) => host.host === view.host)?.message
        return { view, error: reason ?? "did not answer" }
      }),
  )
}
