import { contact, openPool } from "./contact.ts"
import type { Definition } from "./pipeline.ts"
import { openSink } from "./sink.ts"
import type { Seen } from "./tables.ts"

/** Looks at hosts by their views; who does not answer is listed with the reason. */
export async function look(
  definition: Definition,
  hosts: ReadonlySet<string>,
  quiet: boolean,
): Promise<Seen[]> {
  const sink = openSink({ json: false, quiet })
  const pool = openPool(definition.fleet)
  try {
    const { inputs, unreachable } = await contact(definition, hosts, pool, sink.emit)
    return definition.views
      .filter((view) => hosts.has(view.host))
      .map((view): Seen => {
        const observed = inputs.find((input) => input.observed.host === view.host)?.observed
        if (observed !== undefined) return { view, observed }
        return {
          view,
          error: unreachable.find((host) => host.host === view.host)?.message ?? "did not answer",
        }
      })
  } finally {
    sink.close()
    pool.close()
  }
}
