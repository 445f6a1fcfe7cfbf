import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { promisify } from "node:util"
import { parseDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Change, HostPlan, Plan } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"
import { hasChanges, planFleet } from "../plan/fleet.ts"
import { planHost } from "../plan/host.ts"
import { planJson } from "../plan/json.ts"
import { planText, summary } from "../plan/text.ts"
import type { NodePool } from "../push/node-pool.ts"
import { rolloutDefaults, type RolloutInput } from "../push/rollout-context.ts"
import { rollout } from "../push/rollout.ts"
import { nodeScript } from "./assets.ts"
import { hostInput, type Contacted } from "./contact.ts"
import { exitCodes } from "./exit.ts"
import type { ApplyFlags } from "./flags.ts"
import { interruptSignals } from "./interrupt.ts"
import { operatorName } from "./operator.ts"
import { ownRuntime, readAgent } from "./payloads.ts"
import { complain, print } from "./output.ts"
import type { Definition } from "./pipeline.ts"
import { proveClusters, tellDoubt } from "./proof.ts"
import { confirmed } from "./question.ts"
import { openRolloutSink } from "./sink.ts"

/** What is to be made so, and by which connections. */
export interface Deployment {
  readonly definition: Definition
  readonly contacted: Contacted
  readonly pool: NodePool
  readonly flags: ApplyFlags
}

/** Shows the plan, asks, rolls it out and proves it; the exit code says how it ended. */
export async function deploy(deployment: Deployment): Promise<number> {
  const { contacted, flags, definition, pool } = deployment
  const confirmMs = parseDuration(flags.confirmTimeout)
  if (confirmMs === undefined) {
    throw new Failure("input", `--confirm-timeout ${flags.confirmTimeout}: not a duration`, {
      hint: "a number with its unit: 30s, 2m",
    })
  }
  const plan = planFleet(contacted.inputs, contacted.unreachable)
  if (flags.json === true) print(JSON.stringify({ type: "plan", plan: planJson(plan) }))
  else print(planText(plan, { diff: flags.diff === true }))
  const obstacle = obstacles(plan, flags.allow ?? [])
  if (obstacle !== undefined) {
    complain(`\n${obstacle.message}`)
    return obstacle.code
  }
  if (!hasChanges(plan)) return exitCodes.done
  if (
    flags.yes !== true &&
    !(await confirmed(`\nApply this to ${summary(plan).replace(/^Plan: |\.$/g, "")}?`))
  ) {
    complain("nothing was changed")
    return exitCodes.failed
  }
  const code = await carryOut(deployment, plan, confirmMs)
  if (code !== exitCodes.done) return code
  const touched = new Set(plan.hosts.flatMap((host) => host.cluster ?? []))
  const doubts = await proveClusters(definition, touched, pool)
  for (const doubt of doubts) tellDoubt(doubt, flags.json === true)
  return doubts.length === 0 ? exitCodes.done : exitCodes.failed
}

async function carryOut(deployment: Deployment, plan: Plan, confirmMs: number): Promise<number> {
  const hosts = [...new Set(plan.hosts.map((host) => host.host))]
  const sink = await openRolloutSink(deployment.flags.json === true, hosts)
  const signals = interruptSignals()
  try {
    const report = await rollout(
      await rolloutInput(deployment, plan),
      {
        ...rolloutDefaults,
        confirmSeconds: Math.ceil(confirmMs / 1000),
        stop: signals.stop,
        abort: signals.abort,
      },
      sink.emit,
    )
    await sink.close(report)
    return report.exitCode
  } finally {
    signals.release()
    await sink.close()
  }
}

/** Why the plan may not be applied as it stands; nothing has been touched. */
function obstacles(
  plan: Plan,
  allowed: readonly string[],
): { message: string; code: number } | undefined {
  if (plan.blocked.length > 0) {
    return {
      message: 'Nothing was changed: mend what is listed under "Cannot be done", then apply again.',
      code: exitCodes.failed,
    }
  }
  const [unreachable] = plan.unreachable
  if (unreachable !== undefined) {
    const left = plan.unreachable.map((host) => `!${host.host}`).join(",")
    return {
      message: `Nothing was changed: ${plan.unreachable.length} of the hosts could not be reached. To go on without: --limit '${left}'`,
      code: exitCodes.unreachable,
    }
  }
  const refused = [...new Set(plan.guards.map((guard) => guard.guard))].filter(
    (guard) => !allowed.includes(guard),
  )
  if (refused.length === 0) return undefined
  return {
    message: `Nothing was changed: this looks like an accident. If it is meant: --allow ${refused.join(" ")}`,
    code: exitCodes.guarded,
  }
}

async function rolloutInput(
  { definition, contacted, pool }: Deployment,
  plan: Plan,
): Promise<RolloutInput> {
  const bundles = new Map<string, Bundle>([
    ...definition.bundles,
    ...contacted.inputs.map((input): [string, Bundle] => [input.bundle.host, input.bundle]),
  ])
  const commit = await gitCommit(definition.inventory)
  const by = operatorName()
  return {
    plan,
    bundles,
    observed: new Map(contacted.inputs.map((input) => [input.observed.host, input.observed])),
    node: (host) => pool.node(host),
    remaining: (planned, observed) => remaining(definition, bundles, planned, observed),
    script: nodeScript(),
    who: {
      by,
      from: hostname(),
      since: new Date().toISOString(),
      ...(commit === undefined ? {} : { commit }),
    },
    ...(plan.hosts.some((host) => host.install !== undefined)
      ? { agent: readAgent(), runtime: ownRuntime() }
      : {}),
    segments: new Map(
      definition.views.flatMap((view): [string, string][] => {
        const device = view.director?.vrrp[0]?.interface
        return device === undefined ? [] : [[view.host, device]]
      }),
    ),
    transaction: () => `${Date.now().toString(36)}-${randomUUID().slice(0, 8)}`,
  }
}

/** What a plan made now would still change; what waits for a later phase aside. */
function remaining(
  definition: Definition,
  bundles: ReadonlyMap<string, Bundle>,
  planned: HostPlan,
  observed: Observed,
): Change[] {
  const bundle = bundles.get(planned.host)
  if (bundle === undefined) return []
  return planHost(hostInput(definition, bundle, observed))
    .filter((plan) => planned.phase !== "gain" || plan.phase === "gain")
    .flatMap((plan) => plan.changes)
}

/** The commit of the repository the inventory lies in, marked when there are changes besides; none outside of Git. */
async function gitCommit(inventory: string): Promise<string | undefined> {
  const folder =
    inventory.endsWith(".yml") || inventory.endsWith(".yaml") ? dirname(inventory) : inventory
  try {
    const { stdout } = await promisify(execFile)(
      "git",
      ["-C", folder, "describe", "--always", "--dirty", "--abbrev=12"],
      { timeout: 5000 },
    )
    return stdout.trim()
  } catch {
    return undefined
  }
}
