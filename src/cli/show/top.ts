import { compareText, plural } from "../../core/text.ts"
import type { Traffic } from "../../model/traffic.ts"
import { weightsOf } from "./backends.ts"
import type { ServerFact, ServiceFact } from "./facts.ts"
import { byMaster } from "./vservers.ts"
import { perSecond, report, short } from "./words.ts"

/** What `top` sorts by: rates of new connections and bytes, connections that are active, or names. */
export const topOrders = ["connections", "active", "in", "out", "name"] as const
export type TopOrder = (typeof topOrders)[number]

/** One moment as `top` shows it. */
export interface TopMoment {
  readonly services: readonly ServiceFact[]
  /** Real servers of these services, on the same directors. */
  readonly servers: readonly ServerFact[]
  /** ISO 8601 in UTC. */
  readonly at: string
  /** Directors that do not answer, and why. */
  readonly silent: readonly string[]
}

/** Every kernel service once, as its master holds it, with its real servers; the busiest first, or by name. */
export function topMoment(
  facts: readonly ServiceFact[],
  order: TopOrder,
  about: Pick<TopMoment, "at" | "silent">,
): TopMoment {
  const chosen = [...byMaster(facts).values()]
  return {
    ...about,
    services: sorted(chosen, order, ({ name, service }) => `${name} ${service}`),
    servers: sorted(
      chosen.flatMap(({ servers }) => servers),
      order,
      ({ host, service, server }) => `${host} ${service} ${server}`,
    ),
  }
}

/** A moment for people: a line on all, a table of services, one of real servers; 80 columns. */
export function topText({ services, servers, at, silent }: TopMoment): string {
  const rate = services.reduce((sum, { rates }) => sum + (rates?.connections ?? 0), 0)
  const counts = `${plural(services.length, "service")}, ${plural(servers.length, "real server")}`
  return [
    `${at.slice(0, 19)}Z  ${counts}, ${short(rate)} connections/s`,
    ...silent,
    "",
    report([
      ["NAME", "SERVICE", "UP", "ACTIVE", "CONN/S", "IN/S", "OUT/S", "DIRECTOR"],
      ...services.map((fact) => [
        fact.name,
        fact.service,
        `${fact.up}/${fact.servers.length}`,
        short(fact.active),
        ...ratesOf(fact.rates),
        `${fact.director}${fact.master ? " (master)" : ""}`,
      ]),
    ]),
    "",
    report([
      ["HOST", "NAME", "SERVER", "STATE", "WEIGHT", "ACT/INACT", "CONN/S", "IN/S", "OUT/S"],
      ...servers.map((fact) => [
        fact.host,
        fact.name,
        fact.server,
        fact.state,
        weightsOf(fact),
        `${short(fact.active)}/${short(fact.inactive)}`,
        ...ratesOf(fact.rates),
      ]),
    ]),
  ].join("\n")
}

/** A moment for machines. */
export function topJson({ services, servers, at, silent }: TopMoment): unknown {
  return {
    at,
    silent,
    services: services.map(({ defined: _defined, servers: own, ...fact }) => ({
      ...fact,
      servers: own.length,
    })),
    destinations: servers,
  }
}

/** The lines that a window of so many rows has room for; the last one says how many it had not. */
export function fitRows(text: string, rows: number): string[] {
  const lines = text.split("\n")
  if (lines.length <= rows) return lines
  const kept = Math.max(0, rows - 1)
  return [...lines.slice(0, kept), `${plural(lines.length - kept, "line")} more below`]
}

function ratesOf(rates: Traffic | undefined): string[] {
  return [rates?.connections, rates?.inBytes, rates?.outBytes].map(perSecond)
}

function sorted<T extends { readonly rates: Traffic | undefined; readonly active: number }>(
  facts: readonly T[],
  order: TopOrder,
  nameOf: (fact: T) => string,
): T[] {
  return [...facts].sort(
    (a, b) => busyness(b, order) - busyness(a, order) || compareText(nameOf(a), nameOf(b)),
  )
}

function busyness(
  { rates, active }: { readonly rates: Traffic | undefined; readonly active: number },
  order: TopOrder,
): number {
  switch (order) {
    case "connections":
      return rates?.connections ?? -1
    case "active":
      return active
    case "in":
      return rates?.inBytes ?? -1
    case "out":
      return rates?.outBytes ?? -1
    case "name":
      return 0
    default:
      return order satisfies never
  }
}
