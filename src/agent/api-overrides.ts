import { keepalivedServices } from "../model/desired.ts"
import { nearest } from "../core/text.ts"
import type { Override } from "../model/agent-status.ts"
import type { ApiAnswer } from "./api-answer.ts"
import { refusal } from "./api-answer.ts"
import type { Director } from "./director.ts"
import { object, oneOf, text } from "../core/shape.ts"

interface Asked {
  readonly action: "drain"
  readonly host: string
  readonly service?: string
  readonly by: string
  readonly reason?: string
  /** ISO 8601 in UTC. */
  readonly expires?: string
}

const asked = object<Asked>(
  {
    action: oneOf("drain"),
    host: text(/./),
    service: text(/./),
    by: text(/./),
    reason: text(),
    expires: text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  },
  ["service", "reason", "expires"],
)

/** Sets an override; refuses hosts and services that the definition does not have. */
export function addOverride(director: Director, body: unknown): ApiAnswer {
  const wrong = asked(body, "")
  if (wrong.length > 0) return refusal(400, wrong.join("; "))
  const override: Override = { ...(body as Asked), since: new Date().toISOString() }
  const unknown = unknownName(director, override.host, override.service)
  if (unknown !== undefined) return refusal(404, unknown)
  const beyond = beyondReach(director, override)
  if (beyond !== undefined) return refusal(409, beyond)
  director.override(override)
  return { code: 200, body: { ok: true, override } }
}

/** Lifts the override of `host`, or of its `service`. */
export function liftOverride(director: Director, query: URLSearchParams): ApiAnswer {
  const host = query.get("host") ?? ""
  const service = query.get("service") ?? undefined
  if (director.lift(host, service)) return { code: 200, body: { ok: true } }
  const whole = director.overrides.some((override) => override.host === host && !override.service)
  if (service !== undefined && whole)
    return refusal(409, `${host} is drained as a whole, not for ${service} alone`)
  return refusal(404, `${service === undefined ? host : `${host}:${service}`} is not drained here`)
}

/**
 * keepalived never looks at the kernel and would undo a weight set there when its check changes, unseen by anyone: a
 * drain that may end by itself is none.
 */
function beyondReach(director: Director, { host, service }: Override): string | undefined {
  const found = keepalivedServices(director.desired?.services ?? []).find(
    ({ name, servers }) =>
      (service === undefined || name === service) && servers.some((item) => item.host === host),
  )
  if (found === undefined) return undefined
  return `keepalived programs ${found.name} and knows no drain: give ${host} weight: 0 in the definition and apply`
}

function unknownName(
  director: Director,
  host: string,
  service: string | undefined,
): string | undefined {
  const services = (director.desired?.services ?? []).filter(
    ({ name }) => service === undefined || name === service,
  )
  if (services.length === 0) {
    const names = (director.desired?.services ?? []).map(({ name }) => name)
    return `no service ${service ?? ""} here${suggestion(service ?? "", names)}`
  }
  const hosts = services.flatMap(({ servers }) => servers.map((server) => server.host))
  if (hosts.includes(host)) return undefined
  const where = service === undefined ? "here" : `in ${service}`
  return `no real server ${host} ${where}${suggestion(host, hosts)}`
}

function suggestion(word: string, known: readonly string[]): string {
  const close = nearest(word, known)
  return close === undefined ? "" : `; did you mean ${close}?`
}
