import type { OverrideScope, ServerOverride } from "../../model/override.ts"
import { scopeName } from "../../model/override.ts"
import { allowedGuards } from "../apply-options.ts"
import { durationOption } from "../duration-option.ts"
import { exitCodes } from "../exit.ts"
import { expiryOption } from "../expiry.ts"
import { awaitIdle } from "../idle.ts"
import type { Inventories } from "../inventories.ts"
import { guardLastServer } from "../last-server.ts"
import { operatorAtHost } from "../operator.ts"
import { complain, print } from "../output.ts"
import { conclude, dated, onDirectors } from "../override-scene.ts"
import { directorsOf, refuseKeepalived, subjectsOf } from "../override-targets.ts"
import { settingWords } from "../override-words.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"
import { resolveTarget } from "../target.ts"
import type { LiftFlags } from "./lift.ts"

/** Flags of what sets. */
export interface SetFlags extends LiftFlags {
  readonly reason?: string
  readonly for?: string
  readonly until?: string
  readonly allow?: string
  readonly wait?: string
}

/** `lbctl drain`, `disable`, `weight N`: on every director that balances to the target. */
export async function setOverride(
  what: Pick<ServerOverride, "action" | "weight">,
  target: string,
  inventory: Inventories,
  flags: SetFlags,
): Promise<number> {
  const allowed = allowedGuards(flags.allow)
  const waitMs = flags.wait === undefined ? 0 : durationOption("--wait", flags.wait, "90s, 5m")
  const expires = expiryOption(flags, Date.now())
  const read = await readDefinition(inventory, flags)
  if (!read.ok) return refuse(read.error, "text")
  const definition = read.value
  const scope = resolveTarget(target, flags.service, subjectsOf(definition))
  refuseKeepalived(definition, scope)
  const directors = directorsOf(definition, scope)
  const asked = {
    ...what,
    ...scope,
    by: flags.by ?? operatorAtHost(),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(expires === undefined ? {} : { expires }),
  }
  const code = await onDirectors(definition, directors, async (scene) => {
    if ((what.weight ?? 0) === 0) guardLastServer(scene.seen, [scope], allowed)
    const record = dated(scene, asked)
    return conclude(await scene.tell([record], directors), settingWords(record))
  })
  if (code !== exitCodes.done || waitMs === 0) return code
  return waitIdle(definition, directors, scope, waitMs)
}

async function waitIdle(
  definition: Definition,
  directors: ReadonlySet<string>,
  scope: OverrideScope,
  waitMs: number,
): Promise<number> {
  const left = await awaitIdle(definition, directors, scope, waitMs)
  if (left.length === 0) {
    print(`${scopeName(scope)} has no connections left`)
    return exitCodes.done
  }
  for (const line of left) complain(line)
  return exitCodes.failed
}
