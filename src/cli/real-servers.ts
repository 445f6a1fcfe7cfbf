import { Failure } from "../core/failure.ts"
import { withManaged, type ChoiceFlags } from "./chosen.ts"
import type { Inventories } from "./inventories.ts"
import type { Definition } from "./pipeline.ts"

/** Runs `work` on the real servers among the chosen hosts. */
export async function withRealServers(
  inventory: Inventories,
  flags: ChoiceFlags,
  work: (definition: Definition, hosts: ReadonlySet<string>) => Promise<number>,
): Promise<number> {
  return withManaged(inventory, flags, (definition, chosen) => {
    const hosts = definition.views
      .filter(
        (view) =>
          view.realserver !== undefined && view.director === undefined && chosen.has(view.host),
      )
      .map((view) => view.host)
    if (hosts.length === 0) throw noRealServer()
    return work(definition, new Set(hosts))
  })
}

/** None that lbctl sets up is among the chosen hosts. */
export function noRealServer(): Failure {
  return new Failure("input", "no real server among these hosts", {
    hint: "lbctl show nodes lists roles; real servers of nat services need no set-up",
  })
}
