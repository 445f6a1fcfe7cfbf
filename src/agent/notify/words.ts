import { plural } from "../../core/text.ts"
import type { Notification } from "../../model/notifications.ts"
import { changeLine, subjectOf } from "../../model/state-change.ts"

/** One line about all of it. */
export function subjectLine({ host, changes, omitted }: Notification): string {
  const [first, ...others] = changes
  if (first === undefined || others.length + omitted > 0)
    return `[lbctl] ${host}: ${plural(changes.length + omitted, "change")} of state`
  return `[lbctl] ${host}: ${subjectOf(first)}: ${first.from} -> ${first.to}`
}

/** A line for each change, with its time. */
export function bodyText({ changes, omitted }: Notification): string {
  const lines = changes.map((change) => `${change.at} ${changeLine(change)}`)
  const more = omitted === 0 ? [] : [`${plural(omitted, "older change")} held back and left out`]
  return [...more, ...lines].map((line) => `${line}\n`).join("")
}
