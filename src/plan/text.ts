import { groupBy } from "../core/group.ts"
import { indent, plural } from "../core/text.ts"
import type { Change, Notice, ShownPlan, ShownStep } from "../model/plan.ts"
import { changeHead, changeWords, riskWords } from "./change-words.ts"
import type { Wave } from "../model/wave.ts"
import { hostList } from "./host-list.ts"
import { orderText, phaseTitles, stagesOf, stagesOfPhases } from "./order-text.ts"
import { sameHosts } from "./same-hosts.ts"
import { textDiff } from "./text-diff.ts"
import { wrap, wrapWords } from "../core/wrap.ts"

export interface PlanTextOptions {
  /** Only what stands against the plan, and the summary. */
  readonly brief?: boolean
  /** Show file contents before and after. */
  readonly diff: boolean
  /** The order of the rollout; default: by phases. */
  readonly waves?: readonly Wave[]
}

/** The plan for people: 80 columns, no colour, meaning before mechanism. */
export function planText(plan: ShownPlan, options: PlanTextOptions): string {
  return [...planParts(plan, options)].join("\n\n")
}

/** The same, one part after the other, to have an empty line between them: with file contents of many hosts it is long. */
export function* planParts(plan: ShownPlan, options: PlanTextOptions): Generator<string> {
  const { waves, diff, brief = false } = options
  if (!brief) for (const group of sameHosts(plan.hosts, diff)) yield hostText(group, options)
  yield* noticeBlock("Unreachable", plan.unreachable)
  yield* noticeBlock("Cannot be done", plan.blocked)
  yield* noticeBlock("Needs your word", plan.guards)
  yield* noticeBlock("To know", plan.warnings)
  const order = orderText(waves === undefined ? stagesOfPhases(plan.hosts) : stagesOf(waves))
  if (order !== "" && !brief) yield order
  if (plan.unmanaged !== undefined && !brief) yield unmanagedText(plan.unmanaged)
  yield wrap(summary(plan), 78).join("\n  ")
}

/** One line: what would change, or that nothing would. */
export function summary(plan: ShownPlan): string {
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

/** Who sets these hosts up nobody here knows; that lbctl does not should surprise nobody. */
export function unmanagedText(hosts: readonly string[]): string {
  return wrap(`Not managed: ${hostList(hosts)} (lbctl_managed: false)`, 78).join("\n  ")
}

function hostText(group: readonly ShownStep[], options: PlanTextOptions): string {
  const [first] = group
  if (first === undefined) return ""
  const names = hostList(group.map((plan) => plan.host))
  const lines = headLines(names, `(${phaseTitles[first.phase]})`)
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

function headLines(names: string, title: string): string[] {
  const oneLine = `${names}  ${title}`
  return oneLine.length <= 80 ? [oneLine] : [...wrap(names, 80), `  ${title}`]
}

/** A change on lines of 80 columns, moved right by two. */
export function changeLines(change: Change): string[] {
  const oneLine = `  ${changeWords(change)}`
  if (oneLine.length <= 80) return [oneLine]
  const words = [...change.meaning.split(" "), ...riskWords(change)]
  return [`  ${changeHead(change)}`, ...wrapWords(words, 74).map((line) => `      ${line}`)]
}

function noticeBlock(title: string, notices: readonly Notice[]): string[] {
  if (notices.length === 0) return []
  const same = groupBy(notices, ({ message, hint }) => JSON.stringify([message, hint]))
  return [[`${title}:`, ...[...same.values()].flatMap(noticeLines)].join("\n")]
}

/** What is said alike of several hosts is said once. */
function noticeLines(notices: readonly Notice[]): string[] {
  const [first] = notices
  if (first === undefined) return []
  const hosts = notices.flatMap(({ host }) => host ?? [])
  const text = `${hosts.length === 0 ? "" : `${hostList(hosts)}: `}${first.message}`
  return [
    ...wrap(text, 76).map((line, index) => `${index === 0 ? "  " : "    "}${line}`),
    ...(first.hint === undefined ? [] : wrap(first.hint, 74).map((line) => `      ${line}`)),
  ]
}

function countKinds(plan: ShownPlan): string {
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
