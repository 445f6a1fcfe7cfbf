import type { Inventories } from "../inventories.ts"
import { Failure } from "../../core/failure.ts"
import { hasChanges, planFleet } from "../../plan/fleet.ts"
import { wavesOf } from "../../plan/waves.ts"
import { hookOptions } from "../apply-options.ts"
import { withManaged } from "../chosen.ts"
import { contactShown } from "../contact.ts"
import { withPool } from "../pool.ts"
import { exitCodes } from "../exit.ts"
import type { PlanFlags } from "../flags.ts"
import { planFacts } from "../hook-facts.ts"
import { runAfter, runBefore } from "../hooks.ts"
import { formatOf, type Format } from "../format.ts"
import { narrow } from "../narrow.ts"
import { complain } from "../output.ts"
import { checkPlanTarget, isPlanFile } from "../plan-file.ts"
import { printPlan } from "../plan-output.ts"
import { refuse, warn } from "../problems.ts"
import { isQuiet } from "../quiet.ts"
import { policiesOf } from "../rollout-choice.ts"
import { savePlan } from "../save-plan.ts"

/** `lbctl plan`: what an apply would do; nothing is written anywhere but to the file of `--out`. */
export async function plan(inventory: Inventories, flags: PlanFlags): Promise<number> {
  const format = formatOf(flags)
  const hooks = hookOptions(flags)
  const { out } = flags
  const saved = inventory.find(isPlanFile)
  if (saved !== undefined) throw alreadyPlanned(saved)
  if (out !== undefined) checkPlanTarget(out)
  return withManaged(
    inventory,
    { ...flags, ...problemFormat(format) },
    async (asked, chosen, services) => {
      warn(asked.warnings, format)
      await runBefore("before-plan", asked, hooks)
      return withPool(asked.fleet, async (pool) => {
        const narrowed = await narrow({ definition: asked, hosts: chosen, services }, pool)
        if (!narrowed.ok) return refuse(narrowed.error, problemFormat(format).format)
        const { definition, hosts } = narrowed.value
        const contacted = await contactShown(definition, hosts, format === "json", pool)
        const { inputs, unreachable, warnings, unmanaged } = contacted
        const planned = planFleet(inputs, unreachable, warnings, unmanaged)
        const waves = wavesOf(planned.hosts, policiesOf(definition.fleet, {}))
        printPlan(planned, format, { diff: flags.diff === true, waves, brief: isQuiet() })
        if (out !== undefined) {
          await savePlan(out, planned, contacted, definition, flags)
          complain(`\nSaved. To apply exactly this: lbctl apply ${out}`)
        }
        await runAfter("after-plan", definition, hooks, planFacts(planned))
        if (planned.blocked.length > 0) return exitCodes.failed
        if (unreachable.length > 0) return exitCodes.unreachable
        return flags.detailedExitcode === true && hasChanges(planned)
          ? exitCodes.changes
          : exitCodes.done
      })
    },
  )
}

/** GitLab's report of a plan is no place for problems: they go to the log. */
function problemFormat(format: Format): { readonly format: Format } {
  return { format: format === "gitlab" ? "text" : format }
}

function alreadyPlanned(path: string): Failure {
  return new Failure("input", `${path} is a saved plan, not an inventory`, {
    hint: `lbctl show plan ${path} prints it, lbctl apply ${path} applies it`,
  })
}
