import type { VrrpState } from "../../model/agent-status.ts"
import type { DirectorState } from "../../model/desired.ts"
import type { SyncDaemon, SyncTransport } from "../../model/ipvs.ts"

/**
 * The connection synchronisation daemons a director shall run: the master's sends, every other one's receives.
 * A kernel runs one of each role, so of two instances in one role the first counts.
 */
export function wantedDaemons(
  state: Pick<DirectorState, "connectionSync">,
  states: ReadonlyMap<string, VrrpState>,
): SyncDaemon[] {
  const byRole = new Map<SyncDaemon["role"], SyncDaemon>()
  for (const { instance, interface: device, id, ...transport } of state.connectionSync) {
    const role = states.get(instance) === "MASTER" ? "master" : "backup"
    if (!byRole.has(role)) byRole.set(role, { role, interface: device, syncId: id, ...transport })
  }
  return [...byRole.values()]
}

/** What the kernel takes for what is left out (net/netfilter/ipvs/ip_vs_sync.c, start_sync_thread). */
const kernelDefaults = { group: "224.0.0.81", port: 8848, ttl: 1 } as const

/**
 * Whether the daemon that runs is the wanted one. What the kernel does not tell counts as equal, and so does the
 * message size where none is wanted: it follows from an MTU.
 */
export function sameDaemon(wanted: SyncDaemon, running: SyncDaemon): boolean {
  const same = (key: "group" | "port" | "ttl"): boolean =>
    running[key] === undefined || running[key] === (wanted[key] ?? kernelDefaults[key])
  return (
    wanted.role === running.role &&
    wanted.interface === running.interface &&
    wanted.syncId === running.syncId &&
    same("group") &&
    same("port") &&
    same("ttl") &&
    sameMaxlen(wanted, running)
  )
}

function sameMaxlen(wanted: SyncTransport, running: SyncTransport): boolean {
  return [wanted.maxlen, running.maxlen].includes(undefined) || wanted.maxlen === running.maxlen
}
