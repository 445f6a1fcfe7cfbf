import { Failure } from "../../core/failure.ts"
import type { SavedPlan } from "../../model/saved-plan.ts"
import { usualSystem, type System } from "../../model/system.ts"
import { changedInput } from "../../plan/stale.ts"
import { withManaged } from "../chosen.ts"
import { applyOptions, type ApplyOptions } from "../apply-options.ts"
import { contactShown } from "../contact.ts"
import { withPool } from "../pool.ts"
import { deploy } from "../deploy.ts"
import type { ApplyFlags } from "../flags.ts"
import { runBefore } from "../hooks.ts"
import type { Inventories } from "../inventories.ts"
import { narrow, type Choice } from "../narrow.ts"
import { isPlanFile, readPlanFile } from "../plan-file.ts"
import { refuse, warn } from "../problems.ts"
import { tellStale } from "../stale.ts"
import { otherSystems, withSystems } from "../systems.ts"

/** `lbctl apply`: makes the fleet what the definition says, or does exactly what a saved plan says. */
export async function apply(inventory: Inventories, flags: ApplyFlags): Promise<number> {
  const options = applyOptions(flags)
  const saved = inventory.find(isPlanFile)
  if (saved !== undefined && inventory.length > 1) throw notAlone(saved)
  if (saved !== undefined) return applySaved(saved, flags, options)
  const { format } = options
  return withManaged(inventory, flags, async (definition, hosts, services) => {
    warn(definition.warnings, format)
    await runBefore("before-plan", definition, options.hooks)
    return deployChosen({ definition, hosts, services }, options)
  })
}

function notAlone(path: string): Failure {
  return new Failure("input", `${path} is a saved plan, which stands alone`, {
    hint: `it says which inventories it is for: lbctl apply ${path}`,
  })
}

/** Without a question: the plan was there to be read. */
async function applySaved(path: string, flags: ApplyFlags, options: ApplyOptions): Promise<number> {
  if (flags.limit !== undefined || flags.tags !== undefined || flags.skipTags !== undefined) {
    throw new Failure("input", `${path} says itself which hosts it is for`, {
      hint: "leave --limit and --tags out, or make another plan with them: lbctl plan ... --out FILE",
    })
  }
  const saved = readPlanFile(path)
  const { json } = options
  const { inventories, limit, tags, skipTags } = saved
  const choice = {
    ...(limit === undefined ? {} : { limit }),
    ...(tags === undefined ? {} : { tags }),
    ...(skipTags === undefined ? {} : { skipTags }),
  }
  return withManaged(inventories, { ...flags, ...choice }, async (asked, hosts, services) => {
    const fitting = withSystems(asked, otherSystems(asked, systemsOf(saved)))
    if (!fitting.ok) return refuse(fitting.error, options.format)
    const definition = fitting.value
    // Of a choice of services, what hosts are to hold follows from what they hold now.
    const changed = services === undefined ? changedInput(saved, definition.bundles, hosts) : []
    if (changed.length > 0) return tellStale(saved, changed, json)
    await runBefore("before-plan", definition, options.hooks)
    return deployChosen({ definition, hosts, services }, { ...options, yes: true }, saved)
  })
}

/** As the hosts told them when the plan was made; where one has changed since, its bundle differs once it is looked at. */
function systemsOf({ hosts }: SavedPlan): ReadonlyMap<string, System> {
  return new Map(
    Object.entries(hosts).map(([host, { system }]) => [host, system ?? usualSystem] as const),
  )
}

function deployChosen(choice: Choice, options: ApplyOptions, saved?: SavedPlan): Promise<number> {
  return withPool(choice.definition.fleet, async (pool) => {
    const narrowed = await narrow(choice, pool)
    if (!narrowed.ok) return refuse(narrowed.error, options.format)
    const { definition, hosts } = narrowed.value
    const contacted = await contactShown(definition, hosts, options.json, pool)
    return deploy({
      what: "apply",
      contacted,
      pool,
      options,
      partial: choice.services !== undefined,
      ...(saved === undefined ? {} : { saved }),
    })
  })
}
