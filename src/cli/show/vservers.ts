import { formatDuration } from "../../core/duration.ts"
import type { DesiredService } from "../../model/desired.ts"
import { matchName } from "../../model/mark-rules.ts"
import { weightsOf } from "./backends.ts"
import type { ServiceFact } from "./facts.ts"
import type { Shown } from "./subject.ts"
import { ago, block, perSecond, report, short, trafficWords } from "./words.ts"

/** Every kernel service once, as the director that is master (else the first that answers) holds it. */
export function vserversShown(facts: readonly ServiceFact[]): Shown {
  const chosen = [...byMaster(facts).values()]
  return {
    json: chosen.map(({ defined: _defined, servers, ...fact }) => ({
      ...fact,
      servers: servers.length,
    })),
    text: report([
      ["NAME", "SERVICE", "SCHED", "UP", "ACTIVE", "CONN/S", "IN/S", "OUT/S", "DIRECTOR"],
      ...chosen.map((fact) => [
        fact.name,
        fact.service,
        fact.scheduler ?? "missing",
        `${fact.up}/${fact.servers.length}`,
        short(fact.active),
        perSecond(fact.rates?.connections),
        perSecond(fact.rates?.inBytes),
        perSecond(fact.rates?.outBytes),
        `${fact.director}${fact.master ? " (master)" : ""}`,
      ]),
    ]),
  }
}

/** One definition with all its kernel services and real servers on every director. */
export function vserverShown(facts: readonly ServiceFact[], nowMs: number): Shown {
  return { json: facts, text: facts.map((fact) => detail(fact, nowMs)).join("\n\n") }
}

function detail(fact: ServiceFact, nowMs: number): string {
  const { defined } = fact
  const heading = `${fact.name}: ${fact.service} on ${fact.director}${fact.master ? " (master)" : ""}`
  const servers = report([
    ["  HOST", "SERVER", "STATE", "FOR", "WEIGHT", "ACT/INACT", "CONN/S", "LAST CHECK"],
    ...fact.servers.map((server) => [
      `  ${server.host}`,
      server.server,
      server.state,
      ago(server.since, nowMs),
      weightsOf(server),
      `${short(server.active)}/${short(server.inactive)}`,
      perSecond(server.rates?.connections),
      server.message,
    ]),
  ])
  return `${block(heading, [
    ["cluster", fact.cluster],
    ["marks", (defined.matches ?? []).map(matchName).join(", ")],
    ["scheduler", [fact.scheduler ?? "the kernel lacks the service", ...defined.flags].join(", ")],
    ["persistence", persistence(defined)],
    ["check", check(defined)],
    [
      "quorum",
      `${quorum(fact)}${fact.quorumSince === undefined ? "" : ` for ${ago(fact.quorumSince, nowMs)}`}`,
    ],
    ["sorry server", sorry(defined)],
    ["connections", `${short(fact.active)} active, ${short(fact.inactive)} inactive`],
    ["now", trafficWords(fact.rates, "/s")],
    ["in all", trafficWords(fact.traffic, "")],
  ])}\n\n${servers}`
}

/** Every kernel service once: as the director that is master holds it, else the first that answers. */
export function byMaster(facts: readonly ServiceFact[]): Map<string, ServiceFact> {
  const chosen = new Map<string, ServiceFact>()
  for (const fact of facts) {
    const known = chosen.get(fact.service)
    if (known === undefined || (fact.master && !known.master)) chosen.set(fact.service, fact)
  }
  return chosen
}

function persistence({ persistence: sticky }: DesiredService): string {
  return sticky === undefined ? "" : `${sticky.timeoutSeconds}s, prefix /${sticky.prefixLength}`
}

function check({ check: asked }: DesiredService): string {
  if (asked === undefined) return "none"
  return `${asked.type} every ${formatDuration(asked.intervalMs)}, timeout ${formatDuration(asked.timeoutMs)}, ${asked.retries} retries`
}

function quorum({ quorum: state, defined }: ServiceFact): string {
  const { up, hysteresis } = defined.quorum
  return `${state ?? "not told"} (up ${up}, hysteresis ${hysteresis})`
}

function sorry({ sorryServer }: DesiredService): string {
  return sorryServer === undefined ? "" : `${sorryServer.address} port ${sorryServer.port}`
}
