import { groupBy } from "../../core/group.ts"
import { plural } from "../../core/text.ts"
import { noTraffic, sumTraffic } from "../../model/traffic.ts"
import type { ServerFact } from "./facts.ts"
import type { Shown } from "./subject.ts"
import { ago, block, perSecond, report, short, trafficWords } from "./words.ts"

/** Every real server of every kernel service, on every director. */
export function destinationsShown(servers: readonly ServerFact[], nowMs: number): Shown {
  return {
    json: servers,
    text: report([
      ["SERVICE", "SERVER", "DIRECTOR", "STATE", "WEIGHT", "ACT/INACT", "CONN/S", "IN/S", "OUT/S"],
      ...servers.map((server) => [
        server.service,
        server.server,
        `${server.director}${server.master ? "*" : ""}`,
        server.state,
        weightsOf(server),
        `${short(server.active)}/${short(server.inactive)}`,
        perSecond(server.rates?.connections),
        perSecond(server.rates?.inBytes),
        perSecond(server.rates?.outBytes),
      ]),
    ]).concat(legend(servers, nowMs)),
  }
}

/** One real server by its inventory name: what it does for each service, on every director. */
export function backendShown(servers: readonly ServerFact[], nowMs: number): Shown {
  const hosts = groupBy(servers, (server) => server.host)
  const texts = [...hosts].map(([host, own]) =>
    [hostLine(host, own), ...own.map((server) => detail(server, nowMs))].join("\n\n"),
  )
  return { json: servers, text: texts.join("\n\n") }
}

/** What is asked of real servers, and what they answer. */
export function healthchecksShown(servers: readonly ServerFact[], nowMs: number): Shown {
  return {
    json: servers.map(
      ({ host, name, service, server, director, check, state, since, transitions, message }) => ({
        host,
        name,
        service,
        server,
        director,
        check,
        state,
        since,
        transitions,
        message,
      }),
    ),
    text: report([
      ["HOST", "SERVICE", "DIRECTOR", "CHECK", "STATE", "FOR", "CHANGES", "ANSWER"],
      ...servers.map((server) => [
        server.host,
        server.service,
        server.director,
        server.check,
        server.state,
        ago(server.since, nowMs),
        String(server.transitions ?? "-"),
        server.message,
      ]),
    ]),
  }
}

/** Defined, wanted and held weight: one number where all agree, `1/0/out` where they differ. */
export function weightsOf({
  definedWeight,
  wantedWeight,
  weight,
}: Pick<ServerFact, "definedWeight" | "wantedWeight" | "weight">): string {
  if (definedWeight === wantedWeight && wantedWeight === weight) return String(weight)
  return [definedWeight, wantedWeight ?? "out", weight ?? "out"].join("/")
}

function legend(servers: readonly ServerFact[], nowMs: number): string {
  const differ = servers.some((server) => weightsOf(server).includes("/"))
  const troubled = servers.filter(({ state }) => state === "down")
  return [
    ...(differ ? ["", "WEIGHT: defined/wanted now/in the kernel"] : []),
    ...troubled.map(
      ({ director, service, server, message, since }) =>
        `${director}: ${service} ${server} down for ${ago(since, nowMs)}: ${message}`,
    ),
  ]
    .map((line) => `\n${line}`)
    .join("")
}

function hostLine(host: string, own: readonly ServerFact[]): string {
  const masters = own.filter(({ master }) => master)
  const rates = sumTraffic(masters.map((server) => server.rates ?? noTraffic))
  const services = new Set(own.map(({ service }) => service)).size
  return `${host}: ${plural(services, "service")}, now ${trafficWords(rates, "/s")} by masters`
}

function detail(server: ServerFact, nowMs: number): string {
  return block(
    `${server.name}: ${server.service} on ${server.director}${server.master ? " (master)" : ""}`,
    [
      ["server", `${server.server}, ${server.forwarding}`],
      [
        "state",
        `${server.state} for ${ago(server.since, nowMs)}, changed ${server.transitions ?? "?"} times since the agent started`,
      ],
      ["last check", `${server.check}${server.message === "" ? "" : `: ${server.message}`}`],
      [
        "weight",
        `${server.definedWeight} defined, ${server.wantedWeight ?? "out"} wanted now, ${server.weight ?? "out"} in the kernel`,
      ],
      [
        "connections",
        `${short(server.active)} active, ${short(server.inactive)} inactive, ${server.persistent ?? "?"} persistent`,
      ],
      ["now", trafficWords(server.rates, "/s")],
      ["in all", trafficWords(server.traffic, "")],
    ],
  )
}
