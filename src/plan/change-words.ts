import type { Change } from "../model/plan.ts"

const signs: Readonly<Record<Change["action"], string>> = {
  add: "+",
  edit: "~",
  remove: "-",
  run: ">",
}

/** What is changed: `~ file /etc/lbctl/agent.json`. */
export function changeHead({ action, kind, subject }: Change): string {
  return `${signs[action]} ${kind} ${subject}`
}

/** A change on one line: `~ file /etc/lbctl/agent.json: content [risk low]`. */
export function changeWords(change: Change): string {
  return [`${changeHead(change)}: ${change.meaning}`, ...riskWords(change)].join(" ")
}

/** `[risk low]`, where there is any. */
export function riskWords({ risk }: Change): string[] {
  return risk === "none" ? [] : [`[risk ${risk}]`]
}
