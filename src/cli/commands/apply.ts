import { withChosen } from "../chosen.ts"
import { applyOptions } from "../apply-options.ts"
import { withContacted } from "../contact.ts"
import { deploy } from "../deploy.ts"
import type { ApplyFlags } from "../flags.ts"
import { warn } from "../problems.ts"

/** `lbctl apply`: makes the fleet what the definition says. */
export async function apply(inventory: string | undefined, flags: ApplyFlags): Promise<number> {
  const options = applyOptions(flags)
  const { json } = options
  return withChosen(inventory, flags, (definition, hosts) => {
    if (!json) warn(definition.warnings)
    return withContacted(definition, hosts, json, (contacted, pool) =>
      deploy({ definition, contacted, pool, options }),
    )
  })
}
