import type { Inventories } from "../inventories.ts"
import { table } from "../../core/text.ts"
import { Failure } from "../../core/failure.ts"
import type { Bundle } from "../../model/bundle.ts"
import type { Unreachable } from "../../plan/fleet.ts"
import { planHost, type HostInput } from "../../plan/host.ts"
import type { ChoiceFlags } from "../chosen.ts"
import { applyOptions } from "../apply-options.ts"
import { withContacted } from "../contact.ts"
import { emptyBundle } from "../host-input.ts"
import { deploy, type Deployment } from "../deploy.ts"
import { exitCodes } from "../exit.ts"
import type { ApplyFlags } from "../flags.ts"
import { runBefore } from "../hooks.ts"
import { awaitIdle } from "../idle.ts"
import { guardLastServer } from "../last-server.ts"
import { look } from "../look.ts"
import { operatorAtHost } from "../operator.ts"
import { tellDirectors } from "../override-scene.ts"
import { directorsOf } from "../override-targets.ts"
import { print, printJson } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { withRealServers } from "../real-servers.ts"

/** Patience of a teardown with connections that do not end. */
const drainMs = 60_000

/** `lbctl realserver setup`: what apply would do, on real servers alone. */
export async function setup(inventory: Inventories, flags: ApplyFlags): Promise<number> {
  const options = applyOptions(flags)
  return withRealServers(inventory, flags, (definition, hosts) =>
    deployTo(definition, hosts, { what: "setup", options }),
  )
}

/** `lbctl realserver teardown`: drained first, then VIPs away, files away, sysctls back to their prior values. */
export async function teardown(inventory: Inventories, flags: ApplyFlags): Promise<number> {
  const options = applyOptions(flags)
  return withRealServers(inventory, flags, (definition, hosts) => {
    const emptied = new Map([...hosts].map((host): [string, Bundle] => [host, emptyBundle(host)]))
    const bundles = new Map([...definition.bundles, ...emptied])
    return deployTo({ ...definition, bundles }, hosts, {
      what: "teardown",
      options,
      prepare: async () => {
        const targets = [...hosts].map((host) => ({ host }))
        const directors = targets.flatMap((target) => [...directorsOf(definition, target)])
        const seen = await look(definition, new Set(directors), true)
        guardLastServer(seen, targets, options.allowed)
        for (const host of hosts) await drainOrRefuse(definition, host)
      },
    })
  })
}

/** @throws Failure when the host still has connections, or a director could not be told. */
async function drainOrRefuse(definition: Definition, host: string): Promise<void> {
  const directors = directorsOf(definition, { host })
  const asked = {
    action: "drain",
    host,
    by: operatorAtHost(),
    reason: "realserver teardown",
  } as const
  const answers = await tellDirectors(definition, directors, asked)
  const silent = answers.filter((answer) => answer.code !== 0)
  const hint = `what is drained stays so: try again later, or lbctl resume ${host}`
  if (silent.length > 0) {
    const reasons = silent.map((answer) => `${answer.director}: ${answer.words}`).join("; ")
    const code = silent.every((answer) => answer.code === undefined) ? "unreachable" : "failed"
    throw new Failure(
      code,
      `nothing was taken from ${host}: it could not be drained (${reasons})`,
      {
        hint,
      },
    )
  }
  const busy = await awaitIdle(definition, directors, { host }, drainMs)
  if (busy.length > 0)
    throw new Failure("failed", `nothing was taken from ${host}: ${busy.join("; ")}`, { hint })
}

/** `lbctl realserver status`: started, partial or stopped, for each VIP. */
export async function status(inventory: Inventories, flags: ChoiceFlags): Promise<number> {
  return withRealServers(inventory, flags, (definition, hosts) =>
    withContacted(definition, hosts, flags.json === true, ({ inputs, unreachable }) => {
      const rows = [...inputs.flatMap(statusRows), ...unreachable.map(silentRow)]
      if (flags.json === true) printJson(rows)
      else
        print(
          table([
            ["HOST", "VIP", "STATE", "MISSING OR DIFFERENT"],
            ...rows.map((row) => [row.host, row.vip, row.state, firstOf(row.missing)]),
          ]),
        )
      const started = rows.every((row) => row.state === "started")
      const ended = started ? exitCodes.done : exitCodes.failed
      return Promise.resolve(unreachable.length > 0 ? exitCodes.unreachable : ended)
    }),
  )
}

/** One row of `realserver status`. */
interface StatusRow {
  readonly host: string
  readonly vip: string
  readonly state: "started" | "partial" | "stopped" | "unreachable"
  readonly missing: readonly string[]
}

function statusRows(input: HostInput): StatusRow[] {
  const { bundle, observed } = input
  const changes = planHost(input).flatMap((plan) => plan.changes)
  const subjects = changes
    .filter((change) => change.kind !== "address")
    .map((change) => `${change.kind} ${change.subject}`)
  const missing = [...new Set(subjects)]
  return bundle.addresses.map(({ address, prefix, device }) => {
    const held = observed.addresses.some(
      (item) => item.address === address && item.prefix === prefix && item.device === device,
    )
    const whole = missing.length === 0 ? "started" : "partial"
    return { host: bundle.host, vip: address, state: held ? whole : "stopped", missing }
  })
}

function silentRow({ host, message }: Unreachable): StatusRow {
  return { host, vip: "-", state: "unreachable", missing: [message] }
}

/** One, since a table's line must fit a screen; `lbctl plan` and `--json` have them all. */
function firstOf(missing: readonly string[]): string {
  const [first, ...others] = missing
  if (first === undefined) return "-"
  return others.length === 0 ? first : `${first}, and ${others.length} more`
}

async function deployTo(
  definition: Definition,
  hosts: ReadonlySet<string>,
  task: Pick<Deployment, "what" | "options" | "prepare">,
): Promise<number> {
  await runBefore("before-plan", definition, task.options.hooks)
  return withContacted(definition, hosts, task.options.json, (contacted, pool) =>
    deploy({ contacted, pool, ...task }),
  )
}
