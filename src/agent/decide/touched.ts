import type { DesiredService } from "../../model/desired.ts"
import { serviceName } from "../../model/ipvs.ts"
import type { OverrideScope } from "../../model/override.ts"
import type { DrainingServer, Runtime } from "../../plan/ipvs-runtime.ts"
import { serviceOfKey } from "../../plan/ipvs-runtime.ts"
import { isInForce } from "../../plan/overrides.ts"
import type { Beginnings, Resumption, SlowStart } from "./slow-start.ts"

/** What a derivation follows from besides the definition. */
export interface Known extends Omit<Runtime, "ramps">, Beginnings {
  /** `now` in milliseconds since 1970. */
  readonly nowMs: number
}

/** What a derivation began with, as far as the next one compares it. */
export interface Basis {
  /** The definition's services, by serviceName. */
  readonly services: ReadonlyMap<string, DesiredService>
  readonly known: Known
  /** Servers in slow start, by `serverKey`. */
  readonly ramps: ReadonlyMap<string, SlowStart>
}

/**
 * The services, by serviceName, for which something is other than it was: health of the servers `heard`, overrides, and wherever
 * time alone changes something, which is where a server drains or starts slowly.
 */
export function touchedServices(
  { services, known: before, ramps }: Basis,
  now: Known,
  heard: readonly string[],
): ReadonlySet<string> {
  return new Set([
    ...[...heard, ...ramps.keys()].map(serviceOfKey),
    ...[...before.draining, ...now.draining].map(nameOf),
    ...within(services, [
      ...differing(inForce(before), inForce(now), (override) => override),
      ...differing(before.resumed, now.resumed, resumptionName),
    ]),
  ])
}

function inForce({ overrides, now }: Known): Known["overrides"] {
  return overrides.filter((override) => isInForce(override, now))
}

function resumptionName({ host, service, fromMs, overMs }: Resumption): string {
  return JSON.stringify([host, service, fromMs, overMs])
}

/** What only one of two lists has. */
function differing<T>(one: readonly T[], other: readonly T[], name: (item: T) => unknown): T[] {
  const beyond = (list: readonly T[], than: readonly T[]): T[] => {
    const names = new Set(than.map(name))
    return list.filter((item) => !names.has(name(item)))
  }
  return [...beyond(one, other), ...beyond(other, one)]
}

/** The services, by serviceName, that a scope concerns. */
function within(
  services: ReadonlyMap<string, DesiredService>,
  scopes: readonly OverrideScope[],
): readonly string[] {
  if (scopes.length === 0) return []
  return [...services]
    .filter(([, service]) => scopes.some((scope) => concerns(scope, service)))
    .map(([name]) => name)
}

function concerns(scope: OverrideScope, { name, servers }: DesiredService): boolean {
  return (
    (scope.service ?? name) === name &&
    (scope.host === undefined || servers.some(({ host }) => host === scope.host))
  )
}

function nameOf({ service }: DrainingServer): string {
  return serviceName(service.key)
}
