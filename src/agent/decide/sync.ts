import type { VrrpState } from "../../model/agent-status.ts"
import type { DirectorState } from "../../model/desired.ts"

/** A daemon as the kernel runs it; `syncId` 0 to 255. */
export interface WantedDaemon {
  readonly role: "master" | "backup"
  readonly interface: string
  readonly syncId: number
}

/**
 * The connection synchronisation daemons a director shall run: the master's sends, every other one's receives.
 * A kernel runs one of each role, so of two instances in one role the first counts.
 */
export function wantedDaemons(
  state: Pick<DirectorState, "connectionSync">,
  states: ReadonlyMap<string, VrrpState>,
): WantedDaemon[] {
  const byRole = new Map<WantedDaemon["role"], WantedDaemon>()
  for (const sync of state.connectionSync) {
    const role = states.get(sync.instance) === "MASTER" ? "master" : "backup"
    if (!byRole.has(role)) byRole.set(role, { role, interface: sync.interface, syncId: sync.id })
  }
  return [...byRole.values()]
}
