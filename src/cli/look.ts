import { withContacted, type Contacted } from "./contact.ts"
import type { Definition } from "./pipeline.ts"
import type { Seen } from "./tables.ts"

/** Looks at hosts by their views; who does not answer is listed with the reason. */
export function look(
  definition: Definition,
  hosts: ReadonlySet<string>,
  quiet: boolean,
): Promise<Seen[]> {
  return withContacted(definition, hosts, quiet, (contacted) =>
    Promise.resolve(seenOf(hosts, contacted)),
  )
}

/** Hosts by their views, as a look found them. */
export function seenOf(
  hosts: ReadonlySet<string>,
  { definition, inputs, unreachable }: Contacted,
): Seen[] {
  return definition.views
    .filter((view) => hosts.has(view.host))
    .map((view): Seen => {
      const bundle = definition.bundles.get(view.host)
      const meant = { view, ...(bundle === undefined ? {} : { bundle }) }
      const observed = inputs.find((input) => input.observed.host === view.host)?.observed
      if (observed !== undefined) return { ...meant, observed }
      const reason = unreachable.find((host) => host.host === view.host)?.message
      return { ...meant, error: reason ?? "did not answer" }
    })
}
