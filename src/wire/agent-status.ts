import type { AgentStatus } from "../model/agent-status.ts"

const lists = [
  "table",
  "counters",
  "owned",
  "health",
  "overrides",
  "draining",
  "vrrp",
  "warnings",
] as const

/** What later agents tell besides. */
const laterLists = ["services", "quorum", "changes", "processes", "vlans"] as const

/**
 * What `lbagent observe` printed, when it is that; undefined for anything else. The
 * agent may be older or newer than the controller: what an older one does not tell is absent, what a newer one tells
 * besides is ignored. Its shape is looked at, not every value in it.
 */
export function parseAgentStatus(text: string): AgentStatus | undefined {
  const value = parseJson(text)
  if (typeof value !== "object" || value === null) return undefined
  const fields = new Map(Object.entries(value))
  const shaped =
    typeof fields.get("version") === "string" &&
    typeof fields.get("running") === "boolean" &&
    lists.every((name) => Array.isArray(fields.get(name))) &&
    laterLists.every((name) => Array.isArray(fields.get(name) ?? [])) &&
    isMarks(fields.get("marks"))
  return shaped ? (value as AgentStatus) : undefined
}

function isMarks(value: unknown): boolean {
  if (value === undefined) return true
  return (
    typeof value === "object" && value !== null && "rules" in value && Array.isArray(value.rules)
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
