import type { DesiredServer, DesiredService } from "../model/desired.ts"
import type { HealthCheck } from "../model/fleet.ts"
import type { Runtime } from "./ipvs-runtime.ts"
import { keyOf } from "./ipvs-runtime.ts"
import { stateOf } from "./ipvs-standing.ts"

/** Checks keep their rhythm up to a tenth of it. */
const jitter = 1.1

/**
 * The real servers, by `serverKey`, that stay in although they were found down: every server of the service is, and the
 * fault may be the checker's, or on the way to them. Those stay that fell together with the last one, that is within
 * the time that checks need to notice what happened at one moment; one that was down before stays out, and so does one
 * that never answered. Where a sorry server or `all_down: remove` has the say, none stay.
 */
export function lastServers(
  service: DesiredService,
  runtime: Pick<Runtime, "health" | "adopted" | "fallen">,
): ReadonlySet<string> {
  const { check, sorryServer, allDown, ipvs } = service
  // keepalived knows no such mercy.
  if (ipvs === "keepalived") return new Set()
  if (check === undefined || sorryServer !== undefined || allDown === "remove") return new Set()
  const able = service.servers.filter(({ weight }) => weight > 0)
  if (able.some((server) => serves(service, server, runtime))) return new Set()
  const fallen = able.flatMap((server) => fallOf(service, server, runtime))
  const last = Math.max(...fallen.map(({ atMs }) => atMs))
  return new Set(
    fallen.filter(({ atMs }) => atMs >= last - noticeMs(check)).map(({ server }) => server),
  )
}

/** How far apart a check's servers may be found down that died at one moment, in milliseconds. */
export function noticeMs(
  check: Pick<HealthCheck, "intervalMs" | "timeoutMs" | "retries" | "delayBeforeRetryMs">,
): number {
  const { intervalMs, timeoutMs, retries, delayBeforeRetryMs } = check
  return jitter * (intervalMs + retries * delayBeforeRetryMs) + (1 + retries) * timeoutMs
}

function serves(
  service: DesiredService,
  server: DesiredServer,
  runtime: Pick<Runtime, "health" | "adopted">,
): boolean {
  const state = stateOf(service, server, runtime)
  const adopted = runtime.adopted.get(keyOf(service, server)) ?? 0
  return state === "up" || (state === "unknown" && adopted > 0)
}

function fallOf(
  service: DesiredService,
  server: DesiredServer,
  { fallen }: Pick<Runtime, "fallen">,
): { readonly server: string; readonly atMs: number }[] {
  const key = keyOf(service, server)
  const atMs = fallen.get(key)
  return atMs === undefined ? [] : [{ server: key, atMs }]
}
