import { exitCodes } from "../exit.ts"
import { formatOf, type FormatFlags } from "../format.ts"
import { print } from "../output.ts"
import { readPlanFile } from "../plan-file.ts"
import { printPlan } from "../plan-output.ts"
import { originOf } from "../stale.ts"

/** `lbctl show plan FILE`: a saved plan as `lbctl plan` showed it; no host is contacted. */
export function showPlan(path: string, flags: FormatFlags): number {
  const format = formatOf(flags)
  const saved = readPlanFile(path)
  if (format === "text") print(`Made ${originOf(saved)}\nof ${saved.inventories.join(", ")}.\n`)
  printPlan(saved.plan, format, { diff: false })
  return exitCodes.done
}
