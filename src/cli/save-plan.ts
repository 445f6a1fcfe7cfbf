import { relative } from "node:path"
import { Failure } from "../core/failure.ts"
import type { Plan } from "../model/plan.ts"
import { withoutContents } from "../plan/json.ts"
import { stepPrint } from "../plan/fingerprint.ts"
import { printsOf } from "../plan/stale.ts"
import { packageVersion } from "./assets.ts"
import type { Contacted } from "./contact.ts"
import type { PlanFlags } from "./flags.ts"
import { gitCommit } from "./git-commit.ts"
import { writePlanFile } from "./plan-file.ts"
import type { Definition } from "./pipeline.ts"

/**
 * Keeps the plan in a file, for `lbctl apply FILE`.
 * @throws Failure `unreachable`, `failed` or `locked` where it could not be applied as it stands: nothing is written then.
 */
export async function savePlan(
  path: string,
  plan: Plan,
  { inputs }: Contacted,
  definition: Definition,
  { limit, tags, skipTags }: PlanFlags,
): Promise<void> {
  refuseUnfinished(path, plan, { inputs })
  const commit = await gitCommit(definition.folder)
  writePlanFile(path, {
    lbctl: packageVersion(),
    created: new Date().toISOString(),
    inventories: definition.inventories.map((path) => relative("", path) || "."),
    ...(commit === undefined ? {} : { commit }),
    ...(limit === undefined ? {} : { limit }),
    ...(tags === undefined ? {} : { tags }),
    ...(skipTags === undefined ? {} : { skipTags }),
    hosts: printsOf(inputs),
    steps: plan.hosts.map(stepPrint),
    plan: withoutContents(plan),
  })
}

function refuseUnfinished(path: string, plan: Plan, { inputs }: Pick<Contacted, "inputs">): void {
  const not = `${path} was not written:`
  if (plan.blocked.length > 0) {
    throw new Failure("failed", `${not} part of the plan cannot be done`, {
      hint: 'mend what is listed under "Cannot be done", then plan again',
    })
  }
  if (plan.unreachable.length > 0) {
    const out = plan.unreachable.map(({ host }) => `!${host}`).join(",")
    throw new Failure("unreachable", `${not} not all hosts could be reached`, {
      hint: `to plan without them: --limit '${out}' (added to a --limit you gave)`,
    })
  }
  const open = inputs.find(({ observed }) => observed.transaction !== undefined)?.observed
  if (open?.transaction === undefined) return
  const { by, since, state } = open.transaction
  throw new Failure(
    state === "armed" ? "locked" : "failed",
    `${not} a release by ${by} since ${since} is not confirmed yet`,
    { host: open.host, hint: "when it has reverted or was confirmed, plan again" },
  )
}
