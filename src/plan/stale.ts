import { changeWords } from "./change-words.ts"
import { observedPrint, stepPrint } from "./fingerprint.ts"
import type { HostInput } from "./host.ts"
import type { HostPrint, SavedPlan } from "../model/saved-plan.ts"
import type { Notice, Plan, ShownPlan } from "../model/plan.ts"
import { isSameSystem, usualSystem } from "../model/system.ts"

/** What a plan was made from, by host. */
export function printsOf(inputs: readonly HostInput[]): Readonly<Record<string, HostPrint>> {
  return Object.fromEntries(
    inputs.map(({ bundle, observed, view: { system } }) => [
      observed.host,
      {
        bundle: bundle.id,
        ...(system === undefined || isSameSystem(system, usualSystem) ? {} : { system }),
        observed: observedPrint(observed),
      },
    ]),
  )
}

/** Hosts that the user's files have other plans for by now: what is said of each can be told before any is contacted. */
export function changedInput(
  saved: SavedPlan,
  bundles: ReadonlyMap<string, { readonly id: string }>,
  chosen: ReadonlySet<string>,
): Notice[] {
  const known = new Set(Object.keys(saved.hosts))
  const gone = [...known].filter((host) => !chosen.has(host))
  const come = [...chosen].filter((host) => bundles.has(host) && !known.has(host))
  const other = [...known].filter((host) => {
    const now = bundles.get(host)?.id
    return chosen.has(host) && now !== undefined && now !== saved.hosts[host]?.bundle
  })
  return [
    ...gone.map((host) => ({ host, message: "is not in the inventory any more" })),
    ...come.map((host) => ({ host, message: "has come into the inventory" })),
    ...other.map((host) => ({ host, message: "the definition says something else by now" })),
  ]
}

/** Why what is planned now is not what was saved, by host; nothing when it is the same to the last operation. */
export function staleReasons(saved: SavedPlan, inputs: readonly HostInput[], now: Plan): Notice[] {
  const prints = printsOf(inputs)
  const hosts = [...new Set([...Object.keys(saved.hosts), ...Object.keys(prints)])]
  const reasons = hosts.flatMap((host) => hostReasons(host, saved, prints[host], now))
  const steps = now.hosts.map(stepPrint)
  const same =
    steps.length === saved.steps.length && steps.every((step, i) => step === saved.steps[i])
  if (reasons.length > 0 || same) return reasons
  return [{ message: "the steps or their order differ from those that were saved" }]
}

function hostReasons(
  host: string,
  saved: SavedPlan,
  print: HostPrint | undefined,
  now: Plan,
): Notice[] {
  const former = saved.hosts[host]
  if (former === undefined) return [{ host, message: "was no part of the saved plan" }]
  if (print === undefined) return [{ host, message: "is no part of the plan any more" }]
  const parts = Object.keys({ ...former.observed, ...print.observed }).filter(
    (part) => former.observed[part] !== print.observed[part],
  )
  const [was, is] = [linesOf(saved.plan, host), linesOf(now, host)]
  return [
    ...(former.bundle === print.bundle
      ? []
      : [{ host, message: "the definition says something else by now" }]),
    ...was
      .filter((line) => !is.includes(line))
      .map((line) => ({ host, message: `was planned: ${line}` })),
    ...is
      .filter((line) => !was.includes(line))
      .map((line) => ({ host, message: `to be done now: ${line}` })),
    ...(parts.length === 0 ? [] : [{ host, message: `changed on the host: ${parts.join(", ")}` }]),
  ]
}

function linesOf(plan: ShownPlan, host: string): string[] {
  return plan.hosts
    .filter((step) => step.host === host)
    .flatMap((step) => step.changes.map(changeWords))
}
