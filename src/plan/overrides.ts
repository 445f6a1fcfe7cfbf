import type { DesiredServer, DesiredService } from "../model/desired.ts"
import type { Override, OverrideScope, ServerOverride } from "../model/override.ts"
import { isServerOverride, serverActions } from "../model/override.ts"

/** A real server of one service, as overrides name it. */
export interface Subject {
  readonly host: string
  readonly service: string
}

/** Whether a scope covers a real server of a service. */
export function covers(scope: OverrideScope, { host, service }: Subject): boolean {
  return (
    (scope.host === undefined || scope.host === host) &&
    (scope.service === undefined || scope.service === service)
  )
}

/** Whether an override covers the one real server of one service that a scope names, and may cover more. */
export function standsOver(override: OverrideScope, { host, service }: OverrideScope): boolean {
  return host !== undefined && service !== undefined && covers(override, { host, service })
}

/** Whether who lifts for a scope means this override: a host stands for its services too; a service does not stand for its hosts. */
export function isMeantBy(override: OverrideScope, { host, service }: OverrideScope): boolean {
  return (
    override.host === host &&
    (override.service === service || (host !== undefined && service === undefined))
  )
}

/** Whether an override is neither lifted nor over; `now` is ISO 8601 in UTC. */
export function isInForce({ lifted, expires }: Override, now: string): boolean {
  return lifted === undefined && (expires === undefined || expires > now)
}

/**
 * The override that counts for a real server: of all in force that cover it the strongest action; of those the one that
 * names host and service before the one of a host before the one of a whole service. Undefined: none is in force.
 */
export function strongest(
  overrides: readonly Override[],
  subject: Subject,
  now: string,
): ServerOverride | undefined {
  return overrides
    .filter(isServerOverride)
    .filter((override) => covers(override, subject) && isInForce(override, now))
    .reduce<ServerOverride | undefined>(
      (best, next) => (best === undefined || rank(next) < rank(best) ? next : best),
      undefined,
    )
}

/** The override that counts for a real server; keepalived, where it programs the service, heeds none. */
export function overrideOf(
  service: Pick<DesiredService, "name" | "ipvs">,
  { host }: Pick<DesiredServer, "host">,
  { overrides, now }: OverridesNow,
): ServerOverride | undefined {
  if (service.ipvs === "keepalived") return undefined
  return strongest(overrides, { host, service: service.name }, now)
}

/** Whether a whole service is disabled. */
export function isDisabled(
  { name, ipvs }: Pick<DesiredService, "name" | "ipvs">,
  { overrides, now }: OverridesNow,
): boolean {
  if (ipvs === "keepalived") return false
  return overrides.some(
    (override) =>
      override.action === "disable" &&
      override.host === undefined &&
      override.service === name &&
      isInForce(override, now),
  )
}

/** What operators said, and the moment for which that is asked: ISO 8601 in UTC. */
export interface OverridesNow {
  readonly overrides: readonly Override[]
  readonly now: string
}

function rank({ action, host, service }: ServerOverride): number {
  const breadth = host === undefined ? 2 : service === undefined ? 1 : 0
  return serverActions.indexOf(action) * 3 + breadth
}
