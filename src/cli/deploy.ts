import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { promisify } from "node:util"
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
import type { ApplyOptions } from "./apply-options.ts"
import { nodeScript } from "./assets.ts"
import { hostInput, type Contacted } from "./contact.ts"
import { exitCodes } from "./exit.ts"
import { interruptSignals } from "./interrupt.ts"
import { obstacleOf } from "./obstacles.ts"
import { operatorName } from "./operator.ts"
import { ownRuntime, readAgent } from "./payloads.ts"
import { complain, print } from "./output.ts"
import type { Definition } from "./pipeline.ts"
import { exitCodeOfDoubts, proveClusters, tellDoubt } from "./proof.ts"
import { confirmed } from "./question.ts"
import { settleOpen } from "./settle.ts"
import { openRolloutSink } from "./sink.ts"

/** What is to be made so, and by which connections. */
export interface Deployment {
  readonly definition: Definition
  readonly contacted: Contacted
  readonly pool: NodePool
  readonly options: ApplyOptions
  /** What comes after the question and before the first change; throws to stop there. */
  readonly prepare?: () => Promise<void>
}

/** Shows the plan, asks, rolls it out and proves it; the exit code says how it ended. */
export async function deploy(asked: Deployment): Promise<number> {
  const deployment = { ...asked, contacted: await settleOpen(asked) }
  const { contacted, options, definition, pool } = deployment
  const plan = planFleet(contacted.inputs, contacted.unreachable)
  if (options.json) print(JSON.stringify({ type: "plan", plan: planJson(plan) }))
  else print(planText(plan, { diff: options.diff }))
  const obstacle = obstacleOf(plan, options.allowed)
  if (obstacle !== undefined) {
    complain(`\n${obstacle.message}`)
    return obstacle.code
  }
  if (!hasChanges(plan)) return exitCodes.done
  if (
    !options.yes &&
    !(await confirmed(`\nApply this to ${summary(plan).replace(/^Plan: |\.$/g, "")}?`))
  ) {
    complain("nothing was changed")
    return exitCodes.failed
  }
  await asked.prepare?.()
  const code = await carryOut(deployment, plan)
  if (code !== exitCodes.done) return code
  const touched = new Set(plan.hosts.flatMap((host) => host.cluster ?? []))
  const doubts = await proveClusters(definition, touched, pool)
  for (const doubt of doubts) {
    if (options.json) print(JSON.stringify({ type: "doubt", message: doubt.message }))
    else tellDoubt(doubt)
  }
  return exitCodeOfDoubts(doubts)
}

async function carryOut(deployment: Deployment, plan: Plan): Promise<number> {
  const hosts = [...new Set(plan.hosts.map((host) => host.host))]
  const sink = await openRolloutSink(deployment.options.json, hosts)
  const signals = interruptSignals()
  try {
    const report = await rollout(
      await rolloutInput(deployment, plan),
      {
        ...rolloutDefaults,
        confirmSeconds: deployment.options.confirmSeconds,
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
