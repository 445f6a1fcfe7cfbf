import type { HostView } from "../model/desired.ts"
import { keepalivedServices } from "../model/desired.ts"
import { serviceName } from "../model/ipvs.ts"
import type { Change } from "../model/plan.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import type { Observed } from "../model/observed.ts"
import { foreignServices } from "./ipvs.ts"
import { planTable, statusOfTable } from "./ipvs-changes.ts"
import { planMarks } from "./marks.ts"
import { planSync } from "./connection-sync.ts"
import { planKeepalived } from "./keepalived-words.ts"
import { planTimeouts } from "./timeouts.ts"
import { planVrrp } from "./vrrp.ts"

/** What an apply would change in a director's kernel and VRRP, done by its agent and whoever speaks VRRP. */
export interface DirectorChanges {
  readonly changes: readonly Change[]
  /** What the agent programs differs in the kernel, whether or not the definition changed. */
  readonly drift: boolean
}

/** The changes of one director; `now` is ISO 8601. */
export function planDirector(view: HostView, observed: Observed, now: string): DirectorChanges {
  if (view.director === undefined) return { changes: [], drift: false }
  const status = statusOf(observed)
  const { vrrp, connectionSync } = view.director
  const table = planTable(view.director, status, now)
  const timeouts = planTimeouts(view.director, status)
  const marks = planMarks(view.director, status)
  return {
    changes: [
      ...table.map(({ change }) => change),
      ...marks,
      ...timeouts,
      ...planSync(connectionSync, status.desired?.connectionSync ?? []),
      ...planVrrp(vrrp, status.desired?.vrrp ?? []),
      ...planKeepalived(view.director, status.desired),
    ],
    drift: timeouts.length + marks.length > 0 || table.some(({ by }) => by === "native"),
  }
}

/** Services in a director's kernel that lbctl neither wants nor made, by name: shown, never touched. */
export function strangers(view: HostView, observed: Observed): string[] {
  if (view.director === undefined) return []
  const status = statusOf(observed)
  const wanted = view.director.services.map((service) => ({ ...service, destinations: [] }))
  // What keepalived was told to make is lbctl's, though no agent owns it.
  const ours = new Set([
    ...status.owned,
    ...keepalivedServices(status.desired?.services ?? []).map(({ key }) => serviceName(key)),
  ])
  return foreignServices(status.table, wanted, ours).map(({ key }) => serviceName(key))
}

function statusOf(observed: Observed): AgentStatus {
  return observed.agent ?? statusOfTable(observed.table ?? [])
}
