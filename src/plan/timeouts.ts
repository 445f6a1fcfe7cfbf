import { formatDuration } from "../core/duration.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import type { DirectorState } from "../model/desired.ts"
import type { Change } from "../model/plan.ts"

const words = { tcp: "tcp", tcpFin: "tcp_fin", udp: "udp" } as const
const names = ["tcp", "tcpFin", "udp"] as const

/** Timeouts of a director's kernel that differ from the wanted ones, and those that the agent puts back. */
export function planTimeouts(
  wanted: Pick<DirectorState, "timeouts">,
  status: Pick<AgentStatus, "timeouts" | "desired">,
): Change[] {
  return names.flatMap((name) => {
    const after = wanted.timeouts?.[name]
    const now = status.timeouts?.[name]
    const from = now === undefined ? "" : `${seconds(now)} -> `
    if (after !== undefined)
      return after === now ? [] : [change(name, "edit", `${from}${seconds(after)}`)]
    return status.desired?.timeouts?.[name] === undefined
      ? []
      : [change(name, "remove", "back to the value before lbctl")]
  })
}

function seconds(value: number): string {
  return formatDuration(value * 1000)
}

function change(name: (typeof names)[number], action: Change["action"], meaning: string): Change {
  return { kind: "ipvs", action, subject: `IPVS timeout ${words[name]}`, meaning, risk: "low" }
}
