import { formatDuration } from "../core/duration.ts"
import type { Phase } from "../model/plan.ts"
import { hostsOf, type Wave } from "../model/wave.ts"
import { hostList } from "./host-list.ts"
import { wrap } from "../core/wrap.ts"

/** What a phase is for, in the order of DESIGN 6. */
export const phaseTitles: Readonly<Record<Phase, string>> = {
  gain: "real servers get ready",
  backup: "backup directors",
  master: "master directors",
  lose: "real servers let go, once drained",
  teardown: "teardown",
}

/** Hosts of one phase that come after each other, or at once. */
export interface Stage {
  readonly phase: Phase
  readonly hosts: readonly string[]
  /** How: `, as canary`; empty for all at once, and for directors, who change one by one in any case. */
  readonly note: string
}

/** The order of a rollout for people; nothing where all hosts change at once. */
export function orderText(stages: readonly Stage[]): string {
  if (stages.every(({ note }) => note === "") && stages.length < 2) return ""
  const lines = stages.flatMap(({ phase, hosts, note }, index) =>
    wrap(`${index + 1}. ${phaseTitles[phase]}${note}: ${hostList(hosts)}`, 75).map(
      (line, part) => `${part === 0 ? "  " : "     "}${line}`,
    ),
  )
  return ["Order:", ...lines].join("\n")
}

/** The stages of steps in their order, as far as their phases tell. */
export function stagesOfPhases(
  steps: readonly { readonly host: string; readonly phase: Phase }[],
): Stage[] {
  return grouped(steps, (a, b) => a.phase === b.phase).map(([first, ...others]) => ({
    phase: first.phase,
    hosts: [first, ...others].map(({ host }) => host),
    note: "",
  }))
}

/** The stages of a rollout: waves of one phase together, its canaries apart. */
export function stagesOf(waves: readonly Wave[]): Stage[] {
  const together = grouped(waves, (a, b) => a.phase === b.phase && a.soakMs === b.soakMs)
  return together.map((group) => ({
    phase: group[0].phase,
    hosts: group.flatMap(hostsOf),
    note: noteOf(group),
  }))
}

type Group<T> = readonly [T, ...T[]]

/** Neighbours that belong together. */
function grouped<T>(items: readonly T[], together: (a: T, b: T) => boolean): Group<T>[] {
  const groups: Group<T>[] = []
  for (const item of items) {
    const last = groups.at(-1)
    if (last !== undefined && together(last[0], item)) groups[groups.length - 1] = [...last, item]
    else groups.push([item])
  }
  return groups
}

function noteOf(group: Group<Wave>): string {
  const [{ phase, soakMs }] = group
  if (soakMs !== undefined) return `, as canary, watched for ${formatDuration(soakMs)}`
  if (group.length < 2 || phase === "backup" || phase === "master") return ""
  const sizes = group.map((wave) => hostsOf(wave).length)
  const shown = sizes.slice(0, 4).join(", ")
  return `, ${shown}${sizes.length > 4 ? " and so on" : ""} at a time`
}
