import { randomUUID } from "node:crypto"
import { Failure, toFailure } from "../core/failure.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Change, HostPlan, Plan } from "../model/plan.ts"
import type { Report } from "../model/report.ts"
import type { Observed } from "../model/observed.ts"
import type { SavedPlan } from "../model/saved-plan.ts"
import { hasChanges, planFleet } from "../plan/fleet.ts"
import { handoversOf } from "../plan/handovers.ts"
import { planHost } from "../plan/host.ts"
import { planJson } from "../plan/json.ts"
import { summary } from "../plan/text.ts"
import { toleratesUnreachable } from "../plan/tolerance.ts"
import { wavesOf } from "../plan/waves.ts"
import type { NodePool } from "../push/node-pool.ts"
import { rolloutDefaults, type RolloutInput } from "../push/rollout-context.ts"
import { rollout } from "../push/rollout.ts"
import type { ApplyOptions } from "./apply-options.ts"
import { nodeScript } from "./assets.ts"
import { canaryDoubts } from "./canary.ts"
import { contactAgain, type Contacted } from "./contact.ts"
import { hostInput, membership } from "./host-input.ts"
import { exitCodes } from "./exit.ts"
import { keepFailed } from "./failed-file.ts"
import { planFacts, reportFacts } from "./hook-facts.ts"
import { runAfter, runBefore } from "./hooks.ts"
import { hostHooks } from "./host-hooks.ts"
import { interruptSignals } from "./interrupt.ts"
import { obstacleOf } from "./obstacles.ts"
import { awaitUnlocked, lockHosts, pause } from "./locked.ts"
import { ownRuntime, readAgent } from "./payloads.ts"
import { complain, print } from "./output.ts"
import { findRepair, repairOverrides, type Repair } from "./override-repair.ts"
import { printPlan } from "./plan-output.ts"
import type { Definition } from "./pipeline.ts"
import { exitCodeOfDoubts, proveClusters, tellDoubt, type Doubt } from "./proof.ts"
import { confirmed } from "./question.ts"
import { isQuiet } from "./quiet.ts"
import { policiesOf } from "./rollout-choice.ts"
import { settleOpen } from "./settle.ts"
import { openRolloutSink } from "./sink.ts"
import { refuseChanged } from "./stale.ts"
import type { Who } from "../wire/who.ts"
import { newRun, type Purpose } from "./who.ts"

/** What is to be made so, and by which connections. */
export interface Deployment {
  readonly what: Purpose
  readonly contacted: Contacted
  readonly pool: NodePool
  readonly options: ApplyOptions
  /** What comes after the question and before the first change; throws to stop there. */
  readonly prepare?: () => Promise<void>
  /** To be done exactly, or refused. */
  readonly saved?: SavedPlan
  /** The definition keeps what hosts held when they were looked at: what others change meanwhile would be undone. */
  readonly partial?: boolean
}

/**
 * Shows the plan, asks, locks the hosts, rolls it out and proves it; the exit code says how it ended. While others have the
 * lock of a host it waits as long as it was told to, and then begins anew with what the hosts hold by then.
 * @throws Failure `locked` when that time is over; nothing has been changed.
 */
export async function deploy(asked: Deployment): Promise<number> {
  const deadline = performance.now() + asked.options.lockWaitMs
  const { pool } = asked
  for (let { contacted } = asked; ; contacted = await contactAgain(contacted, pool)) {
    const observed = contacted.inputs.map((input) => input.observed)
    if (await awaitUnlocked(observed, pool, deadline)) {
      if (asked.partial === true) throw changedMeanwhile
      continue
    }
    try {
      return await deployOnce({ ...asked, contacted })
    } catch (thrown) {
      if (toFailure(thrown).code !== "locked" || performance.now() >= deadline) throw thrown
      if (asked.partial === true) throw changedMeanwhile
      await pause()
    }
  }
}

const changedMeanwhile = new Failure(
  "stale",
  "others had the lock, so what was to stay as it is may have changed",
  { hint: "run the same command again" },
)

async function deployOnce(asked: Deployment): Promise<number> {
  const { saved } = asked
  const refused = saved && refuseChanged(saved, asked.contacted, asked.options.json)
  if (refused !== undefined) return refused
  const contacted = await settleOpen(asked.contacted, asked.pool)
  const deployment = { ...asked, contacted }
  const { options } = asked
  const { definition } = contacted
  const { inputs, unreachable, warnings, unmanaged } = contacted
  const plan = planFleet(inputs, unreachable, warnings, unmanaged)
  const policies = policiesOf(definition.fleet, options.rollout)
  if (options.json) print(JSON.stringify({ type: "plan", plan: planJson(plan) }))
  else
    printPlan(plan, options.format, {
      diff: options.diff,
      waves: wavesOf(plan.hosts, policies),
      // Nobody can say yes to what he does not see.
      brief: isQuiet() && options.yes,
    })
  await runAfter("after-plan", definition, options.hooks, planFacts(plan))
  const clusterOf = (host: string) => membership(definition, host).cluster
  const tolerated = toleratesUnreachable(plan, clusterOf, policies)
  const obstacle = obstacleOf(plan, options.allowed, tolerated, options.rollout.canary)
  if (obstacle !== undefined) {
    complain(`\n${obstacle.message}`)
    return obstacle.code
  }
  const observed = contacted.inputs.map((input) => input.observed)
  const repair = await findRepair(definition, observed, deployment.pool)
  if (!hasChanges(plan)) {
    const repaired = await repairOverrides(repair, repair.now, deployment.pool)
    if (plan.unreachable.length > 0) return exitCodes.unreachable
    return repaired ? exitCodes.done : exitCodes.failed
  }
  if (
    !options.yes &&
    !(await confirmed(`\nApply this to ${summary(plan).replace(/^Plan: |\.$/g, "")}?`))
  ) {
    complain("nothing was changed")
    return exitCodes.failed
  }
  const who = await newRun(deployment.what, definition.folder)
  const lock = await lockHosts(hostsOf(plan), contacted, deployment.pool, who)
  try {
    return await deployLocked(deployment, plan, who, repair)
  } finally {
    await lock.release()
  }
}

async function deployLocked(
  deployment: Deployment,
  plan: Plan,
  who: Who,
  repair: Repair,
): Promise<number> {
  const { options, pool } = deployment
  const { definition } = deployment.contacted
  await runBefore("before-apply", definition, options.hooks, planFacts(plan))
  await deployment.prepare?.()
  const repaired = await repairOverrides(repair, repair.now, pool)
  const report = await carryOut(deployment, plan, who)
  const complete = (await repairOverrides(repair, arrived(repair, report), pool)) && repaired
  const doubts = cameThrough(report) ? await prove(deployment, plan) : []
  const proved = exitCodeOfDoubts(doubts)
  const sound = proved === exitCodes.done && !complete ? exitCodes.failed : proved
  const code = report.exitCode === exitCodes.done ? sound : report.exitCode
  await runAfter("after-apply", definition, options.hooks, {
    ...planFacts(plan),
    ...reportFacts(report),
    doubts: doubts.map(({ message }) => message),
    exit_code: code,
  })
  return code
}

/** Directors that have an agent by now, and had none before. */
function arrived({ later }: Repair, { hosts }: Report): ReadonlySet<string> {
  const changed = hosts.filter(({ outcome }) => outcome === "changed").map(({ host }) => host)
  return new Set(changed.filter((host) => later.has(host)))
}

/** Whether every host had its turn, though some may have failed: what was reached can be proved. */
function cameThrough({ exitCode, hosts }: Report): boolean {
  if (exitCode === exitCodes.interrupted) return false
  const outcomes = hosts.map(({ outcome }) => outcome)
  return outcomes.includes("changed") && !outcomes.includes("skipped")
}

/** Proves the clusters that the plan touched, and tells what speaks against them. */
async function prove({ contacted, options, pool }: Deployment, plan: Plan): Promise<Doubt[]> {
  const touched = new Set(plan.hosts.flatMap((host) => host.cluster ?? []))
  const doubts = await proveClusters(contacted.definition, touched, pool)
  for (const doubt of doubts) {
    if (options.json) print(JSON.stringify({ type: "doubt", message: doubt.message }))
    else tellDoubt(doubt)
  }
  return doubts
}

async function carryOut(deployment: Deployment, plan: Plan, who: Who): Promise<Report> {
  const sink = await openRolloutSink(deployment.options.json, hostsOf(plan))
  const signals = interruptSignals()
  try {
    const report = await rollout(
      rolloutInput(deployment, plan, who),
      {
        ...rolloutDefaults,
        confirmSeconds: deployment.options.confirmSeconds,
        hostTimeoutMs: deployment.options.hostTimeoutMs ?? rolloutDefaults.hostTimeoutMs,
        stop: signals.stop,
        abort: signals.abort,
      },
      sink.emit,
    )
    await sink.close(report)
    keepFailed(deployment.contacted.definition.folder, report, commandLine())
    return report
  } finally {
    signals.release()
    await sink.close()
  }
}

function hostsOf(plan: Plan): string[] {
  return [...new Set(plan.hosts.map(({ host }) => host))]
}

/** As it was typed, for whoever finds the hosts that failed. */
function commandLine(): string {
  return ["lbctl", ...process.argv.slice(2)].join(" ")
}

function rolloutInput(deployment: Deployment, plan: Plan, who: Who): RolloutInput {
  const { contacted, pool, options } = deployment
  const { definition } = contacted
  const bundles = new Map<string, Bundle>([
    ...definition.bundles,
    ...contacted.inputs.map((input): [string, Bundle] => [input.bundle.host, input.bundle]),
  ])
  const left = (planned: HostPlan, observed: Observed) =>
    remaining(definition, bundles, planned, observed)
  const policies = policiesOf(definition.fleet, options.rollout)
  return {
    plan,
    waves: wavesOf(plan.hosts, policies),
    hooks: hostHooks(definition, options.hooks),
    handovers: handoversOf(definition.views, policies),
    bundles,
    observed: new Map(contacted.inputs.map((input) => [input.observed.host, input.observed])),
    node: (host) => pool.node(host),
    remaining: left,
    doubts: (canary) => canaryDoubts(canary, definition, pool, left),
    script: nodeScript(),
    who,
    keep: definition.fleet.releases,
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
