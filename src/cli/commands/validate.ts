import { plural } from "../../core/text.ts"
import { exitCodes } from "../exit.ts"
import { print, printJson } from "../output.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse, warn } from "../problems.ts"

/** `lbctl validate`: all problems, or what was found to be right. */
export async function validate(
  inventory: string | undefined,
  options: { json?: true },
): Promise<number> {
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, options.json === true)
  const { fleet, bundles, warnings } = definition.value
  if (options.json === true) {
    printJson({ valid: true, problems: warnings })
    return exitCodes.done
  }
  warn(warnings)
  print(
    `valid: ${plural(fleet.clusters.length, "cluster")}, ${plural(fleet.services.length, "service")}, ${plural(bundles.size, "host")} to manage`,
  )
  return exitCodes.done
}
