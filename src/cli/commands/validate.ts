import type { Inventories } from "../inventories.ts"
import { plural } from "../../core/text.ts"
import { unmanagedServers } from "../../model/unmanaged.ts"
import { exitCodes } from "../exit.ts"
import { formatOf, type FormatFlags } from "../format.ts"
import type { KeyFlags } from "../keys.ts"
import { complain, print } from "../output.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse, tellValid } from "../problems.ts"

/** `lbctl validate`: all problems, or what was found to be right. */
export async function validate(
  inventory: Inventories,
  options: KeyFlags & FormatFlags,
): Promise<number> {
  const format = formatOf(options)
  const definition = await readDefinition(inventory, options)
  if (!definition.ok) return refuse(definition.error, format)
  const { fleet, bundles, warnings } = definition.value
  tellValid(warnings, format)
  const others = unmanagedServers(fleet).length
  const found = `valid: ${plural(fleet.clusters.length, "cluster")}, ${plural(fleet.services.length, "service")}, ${plural(bundles.size, "host")} to manage${others === 0 ? "" : `, ${others} that lbctl does not manage`}`
  if (format === "text" || format === "github") print(found)
  else if (format !== "json") complain(found)
  return exitCodes.done
}
