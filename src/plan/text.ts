import { indent, plural } from "../core/text.ts"
import type { Change, HostPlan, Notice, Plan } from "../model/plan.ts"
import { textDiff } from "./text-diff.ts"

/** What a phase is for, in the order of DESIGN 6. */
const phaseTitles: Readonly<Record<HostPlan["phase"], string>> = {
  gain: "real servers get ready",
  backup: "backup directors",
  master: "master directors",
  lose: "real servers let go, once drained",
  teardown: "teardown",
}

const signs: Readonly<Record<Change["action"], string>> = {
  add: "+",
  edit: "~",
  remove: "-",
  run: ">",
}

export interface PlanTextOptions {
  /** Show file contents before and after. */
  readonly diff: boolean
}

/** The plan for people: 80 columns, no colour, meaning before mechanism. */
export function planText(plan: Plan, options: PlanTextOptions): string {
  const parts = [
    ...sameHosts(plan.hosts, options).map((group) => hostText(group, options)),
    ...noticeBlock("Unreachable", plan.unreachable),
    ...noticeBlock("Cannot be done", plan.blocked),
    ...noticeBlock("Needs your word", plan.guards),
    ...noticeBlock("To know", plan.warnings),
    orderText(plan),
    summary(plan),
  ]
  return parts.filter((part) => part !== "").join("\n\n")
}

/** One line: what would change, or that nothing would. */
export function summary(plan: Plan): string {
  const hosts = new Set(plan.hosts.map((host) => host.host)).size
  const rest = [
    plan.unchanged.length === 0 ? "" : `${plan.unchanged.length} unchanged`,
    plan.unreachable.length === 0 ? "" : `${plan.unreachable.length} unreachable`,
    plan.blocked.length === 0
      ? ""
      : `${new Set(plan.blocked.map((notice) => notice.host)).size} blocked`,
  ].filter((part) => part !== "")
  if (hosts === 0 && plan.unreachable.length === 0 && plan.blocked.length === 0) {
    return `No changes. ${plural(plan.unchanged.length, "host")} ${plan.unchanged.length === 1 ? "holds" : "hold"} what the definition says.`
  }
  const kinds = countKinds(plan)
  return `Plan: ${plural(hosts, "host")} to change${kinds === "" ? "" : ` (${kinds})`}${rest.map((part) => `, ${part}`).join("")}.`
}

/** Hosts with the same changes are shown once. */
function sameHosts(plans: readonly HostPlan[], options: PlanTextOptions): HostPlan[][] {
  const groups = new Map<string, HostPlan[]>()
  for (const plan of plans) {
    const key = JSON.stringify([
      plan.phase,
      plan.changes.map(({ subject, meaning, before, after }) =>
        options.diff ? [subject, meaning, before, after] : [subject, meaning],
      ),
    ])
    groups.set(key, [...(groups.get(key) ?? []), plan])
  }
  return [...groups.values()]
}

function hostText(group: readonly HostPlan[], options: PlanTextOptions): string {
  const [first] = group
  if (first === undefined) return ""
  const names = group.map((plan) => plan.host).join(", ")
  const lines = [`${names}  (${phaseTitles[first.phase]})`]
  for (const change of first.changes) {
    lines.push(...changeLines(change))
    if (
      options.diff &&
      change.before !== undefined &&
      change.after !== undefined &&
      change.before !== change.after
    ) {
      lines.push(indent(textDiff(change.subject, change.before, change.after).trimEnd(), 6))
    }
  }
  return lines.join("\n")
}

function changeLines(change: Change): string[] {
  const risk = change.risk === "none" ? "" : ` [risk ${change.risk}]`
  const head = `  ${signs[change.action]} ${change.kind} ${change.subject}`
  const oneLine = `${head}: ${change.meaning}${risk}`
  return oneLine.length <= 80
    ? [oneLine]
    : [head, ...wrap(`${change.meaning}${risk}`, 74).map((line) => `      ${line}`)]
}

function noticeBlock(title: string, notices: readonly Notice[]): string[] {
  if (notices.length === 0) return []
  const lines = notices.flatMap((notice) => {
    const text = `${notice.host === undefined ? "" : `${notice.host}: `}${notice.message}`
    return [
      ...wrap(text, 78).map((line, index) => `${index === 0 ? "  " : "    "}${line}`),
      ...(notice.hint === undefined ? [] : wrap(notice.hint, 74).map((line) => `      ${line}`)),
    ]
  })
  return [[`${title}:`, ...lines].join("\n")]
}

function orderText(plan: Plan): string {
  const stages: string[] = []
  for (const host of plan.hosts) {
    const title = `${phaseTitles[host.phase]}:`
    const last = stages.at(-1)
    if (last?.startsWith(title) === true) stages[stages.length - 1] = `${last} ${host.host}`
    else stages.push(`${title} ${host.host}`)
  }
  return stages.length < 2
    ? ""
    : ["Order:", ...stages.map((stage, index) => `  ${index + 1}. ${stage}`)].join("\n")
}

function countKinds(plan: Plan): string {
  const counts = new Map<string, number>()
  for (const host of plan.hosts)
    for (const change of host.changes) counts.set(change.kind, (counts.get(change.kind) ?? 0) + 1)
  return [...counts]
    .map(([kind, count]) =>
      plural(
        count,
        kind,
        kind === "address" ? "addresses" : kind === "ipvs" || kind === "vrrp" ? kind : `${kind}s`,
      ),
    )
    .join(", ")
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
