import { htmlText, markdownText } from "../core/markdown.ts"
import { plural } from "../core/text.ts"
import {
  risks,
  type Change,
  type Notice,
  type Risk,
  type ShownPlan,
  type ShownStep,
} from "../model/plan.ts"
import { changeWords } from "./change-words.ts"
import { hostList } from "./host-list.ts"
import { phaseTitles } from "./order-text.ts"
import { sameHosts } from "./same-hosts.ts"
import { summary, unmanagedText } from "./text.ts"

/** Characters of a comment that GitHub takes are 65,536; a caller may want to add some. */
const limit = 60_000
const shownChanges = 200
const shownNotices = 50

/** Where a script finds the comment to put a newer one in its place. */
const marker = "<!-- lbctl plan -->"

/** The plan as a comment of a pull request, under 60,000 characters: what needs a decision first, hosts folded. */
export function planMarkdown(plan: ShownPlan): string {
  const head = [marker, `### ${markdownText(summary(plan))}`]
  const notices = [
    ...noticeBlock("Cannot be done", plan.blocked),
    ...noticeBlock("Unreachable", plan.unreachable),
    ...noticeBlock("Needs your word", plan.guards),
    ...noticeBlock("To know", plan.warnings),
  ]
  const others = plan.unmanaged === undefined ? [] : [markdownText(unmanagedText(plan.unmanaged))]
  const hosts = sameHosts(plan.hosts, false).map(hostBlock)
  return `${fitting([...head, ...notices, ...others, ...hosts]).join("\n\n")}\n`
}

/** Whole blocks as long as there is room, and a word on those that are left out. */
function fitting(blocks: readonly string[]): string[] {
  const room = limit - 200
  let used = 0
  const count = blocks.findIndex((block) => (used += block.length + 2) > room)
  if (count < 0) return [...blocks]
  const left = plural(blocks.length - count, "more section")
  return [...blocks.slice(0, count), `*${left} left out: the output of \`lbctl plan\` has all.*`]
}

function noticeBlock(title: string, notices: readonly Notice[]): string[] {
  if (notices.length === 0) return []
  const lines = notices.slice(0, shownNotices).map(({ host, message, hint }) => {
    const who = host === undefined ? "" : `**${markdownText(host)}**: `
    const next = hint === undefined ? "" : `<br>${markdownText(hint)}`
    return `- ${who}${markdownText(message)}${next}`
  })
  const more = notices.length - shownNotices
  return [[`**${title}**`, "", ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n")]
}

function hostBlock(group: readonly ShownStep[]): string {
  const [first] = group
  if (first === undefined) return ""
  const { changes, phase } = first
  const names = htmlText(hostList(group.map((step) => step.host)))
  const count = plural(changes.length, "change")
  const title = `${names} (${phaseTitles[phase]}): ${count}, risk ${worst(changes)}`
  const lines = changes.slice(0, shownChanges).map(changeWords)
  const more = changes.length - shownChanges
  const body = [...lines, ...(more > 0 ? [`and ${plural(more, "more change")}`] : [])].join("\n")
  const fence = fenceFor(body)
  return `<details><summary>${title}</summary>\n\n${fence}diff\n${body}\n${fence}\n\n</details>`
}

function worst(changes: readonly Change[]): Risk {
  return risks.findLast((risk) => changes.some((change) => change.risk === risk)) ?? "none"
}

/** A fence that nothing in the text closes (CommonMark, 4.5). */
function fenceFor(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  return "`".repeat(longest + 1)
}
