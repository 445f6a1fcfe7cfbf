import { formatDuration } from "../../core/duration.ts"
import { Failure } from "../../core/failure.ts"
import type { VirtualService } from "../../model/fleet.ts"
import type { Override, OverrideScope, ServerAction } from "../../model/override.ts"
import { actionWords, isServerOverride, liftingCommand, scopeName } from "../../model/override.ts"
import { slotOf } from "../../plan/override-records.ts"
import { isMeantBy, standsOver, type Subject } from "../../plan/overrides.ts"
import { exitCodes } from "../exit.ts"
import type { Inventories } from "../inventories.ts"
import type { KeyFlags } from "../keys.ts"
import { operatorAtHost } from "../operator.ts"
import { print } from "../output.ts"
import {
  conclude,
  lifted,
  onDirectors,
  silentAnswers,
  standingOverrides,
  type Scene,
} from "../override-scene.ts"
import { everyDirector, refuseKeepalived, subjectsOf } from "../override-targets.ts"
import { standingWords } from "../override-words.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse } from "../problems.ts"
import { planRamp, rampOption, type RampPlan } from "../ramp.ts"
import { resolveTarget } from "../target.ts"

/** Flags of what lifts. */
export interface LiftFlags extends KeyFlags {
  readonly service?: string
  readonly by?: string
}

/** Flags of `lbctl resume`. */
export interface ResumeFlags extends LiftFlags {
  readonly ramp?: string
}

type Action = ServerAction

/**
 * `lbctl resume`, `enable`, `weight default`: on every director that has it set, and on its peers; also for a host that has
 * left the definition since.
 */
export async function liftOverride(
  action: Action,
  target: string,
  inventory: Inventories,
  flags: ResumeFlags,
): Promise<number> {
  const rampMs = flags.ramp === undefined ? undefined : rampOption(flags.ramp)
  const read = await readDefinition(inventory, flags)
  if (!read.ok) return refuse(read.error, "text")
  const definition = read.value
  return onDirectors(definition, everyDirector(definition), (scene) => {
    const standing = standingOverrides(scene).filter(isServerOverride)
    const subjects: Partial<Subject>[] = [...subjectsOf(definition), ...standing]
    const scope = resolveTarget(target, flags.service, subjects)
    if (rampMs !== undefined) refuseKeepalived(definition, scope)
    const by = flags.by ?? operatorAtHost()
    return lift(scene, { action, scope, by, rampMs }, standing, definition.fleet.services)
  })
}

/** What shall be lifted, by whom, and how slowly the weight comes back. */
interface Order {
  readonly action: Action
  readonly scope: OverrideScope
  readonly by: string
  readonly rampMs: number | undefined
}

async function lift(
  scene: Scene,
  order: Order,
  standing: readonly Override[],
  services: readonly VirtualService[],
): Promise<number> {
  const { action, scope, by, rampMs } = order
  const meant = standing.filter((one) => one.action === action && isMeantBy(one, scope))
  if (meant.length === 0) return nothingToLift(scene, order, standing)
  const ramp = rampMs === undefined ? undefined : planRamp(services, meant, rampMs)
  const records = meant.map((one) => ({
    ...lifted(scene, one, by),
    ...(rampMs === undefined ? {} : { rampMs }),
  }))
  const answers = await scene.tell(records, whoKnows(scene, meant))
  const rest = standing.filter((one) => !meant.includes(one) && isMeantBy(one, scope))
  return conclude(answers, [
    `${scopeName(scope)} is no longer ${actionWords({ action })}${rampWords(ramp)}`,
    ...(ramp?.atOnce ?? []).map((line) => `at once in ${line}`),
    ...rest.map((one) => `still: ${standingWords(one)}`),
  ])
}

function rampWords(ramp: RampPlan | undefined): string {
  return ramp === undefined ? "" : `; its weight grows over ${formatDuration(ramp.rampMs)}`
}

function nothingToLift(
  { seen }: Scene,
  { action, scope, rampMs }: Order,
  standing: readonly Override[],
): number {
  const state = actionWords({ action })
  const broader = standing.find((one) => one.action === action && standsOver(one, scope))
  if (broader !== undefined)
    throw new Failure(
      "failed",
      `${scopeName(broader)} is ${state} as a whole, not ${scopeName(scope)} alone`,
      { hint: `lbctl ${liftingCommand(broader)}` },
    )
  const silent = silentAnswers(seen, new Set(seen.map(({ view }) => view.host)))
  if (silent.length > 0) return conclude(silent, [])
  if (rampMs !== undefined)
    throw new Failure("failed", `${scopeName(scope)} is not ${state}: there is nothing to ramp`, {
      hint: "lbctl show overrides tells what is; --ramp is for what takes no new connections now",
    })
  print(`${scopeName(scope)} is not ${state}`)
  return exitCodes.done
}

/** Directors that have one of these, and their peers. */
function whoKnows({ books }: Scene, meant: readonly Override[]): ReadonlySet<string> {
  const slots = new Set(meant.map(slotOf))
  return new Set(
    books
      .filter(({ records }) => records.some((record) => slots.has(slotOf(record))))
      .flatMap(({ director, peers }) => [director, ...peers]),
  )
}
