import { keepalivedServices } from "../../model/desired.ts"
import { object, oneOf, text } from "../../core/shape.ts"
import { suggestion } from "../../core/suggestion.ts"
import type { Login } from "../../model/access.ts"
import type { Override, OverrideScope } from "../../model/override.ts"
import { actionWords, scopeName, serverActions } from "../../model/override.ts"
import { accessRefusal, type AskedOverride } from "../../plan/access.ts"
import { covers, standsOver } from "../../plan/overrides.ts"
import type { ApiAnswer } from "./api-answer.ts"
import { refusal } from "./api-answer.ts"
import type { Director } from "../director/director.ts"
import type { Lifting, Undated } from "../director/override-book.ts"
import { contradictions, instant, overrideList, scope, weight } from "../store/overrides.ts"

const action = oneOf(...serverActions)
const by = text(/./)
const asked = object<Undated>({ action, ...scope, weight, by, reason: text(), expires: instant }, [
  "host",
  "service",
  "weight",
  "reason",
  "expires",
])
const lifting = object<Lifting>({ action, ...scope, by }, ["host", "service"])
const merged = object<{ readonly records: readonly Override[] }>({ records: overrideList })

/** Sets an override; refuses hosts and services that the definition does not have. */
export function addOverride(
  director: Director,
  body: unknown,
  login: Login | undefined,
): ApiAnswer {
  const wrong = asked(body, "")
  if (wrong.length > 0) return refusal(400, wrong.join("; "))
  const wanted = body as Undated
  const odd = contradictions(wanted, "")
  if (odd.length > 0) return refusal(400, odd.join("; "))
  const unknown = unknownName(director, wanted)
  if (unknown !== undefined) return refusal(404, unknown)
  const beyond = beyondReach(director, wanted)
  if (beyond !== undefined) return refusal(409, beyond)
  const denied = denial(director, login, [wanted])
  if (denied !== undefined) return denied
  return { code: 200, body: { ok: true, override: director.override(wanted) } }
}

/** Lifts an action for a host, a service, or a host's service. */
export function liftOverride(
  director: Director,
  query: URLSearchParams,
  login: Login | undefined,
): ApiAnswer {
  const value: unknown = Object.fromEntries(query)
  const wrong = lifting(value, "")
  if (wrong.length > 0) return refusal(400, wrong.join("; "))
  const wanted = value as Lifting
  const denied = denial(director, login, [wanted])
  if (denied !== undefined) return denied
  if (director.lift(wanted)) return { code: 200, body: { ok: true } }
  const state = actionWords({ action: wanted.action })
  const broader = director.overrides.find(
    (one) => one.action === wanted.action && standsOver(one, wanted),
  )
  if (broader !== undefined)
    return refusal(409, `${scopeName(broader)} is ${state} as a whole, not ${scopeName(wanted)}`)
  return refusal(404, `${scopeName(wanted)} is not ${state} here`)
}

/** Takes in what somebody orders now, as far as the access rules let him; nothing of it where they refuse a part. */
export function tellOverrides(
  director: Director,
  body: unknown,
  login: Login | undefined,
): ApiAnswer {
  const wrong = merged(body, "")
  if (wrong.length > 0) return refusal(400, wrong.join("; "))
  const { records } = body as { readonly records: readonly Override[] }
  return denial(director, login, records) ?? mergeOverrides(director, body)
}

/**
 * Takes in overrides as they are known elsewhere, whoever they concern: of each the newest counts. Whether somebody may was
 * asked where he ordered it.
 */
export function mergeOverrides(director: Director, body: unknown): ApiAnswer {
  const wrong = merged(body, "")
  if (wrong.length > 0) return refusal(400, wrong.join("; "))
  const { records } = body as { readonly records: readonly Override[] }
  return { code: 200, body: { ok: true, taken: director.mergeOverrides(records).length } }
}

function denial(
  director: Director,
  login: Login | undefined,
  asked: readonly AskedOverride[],
): ApiAnswer | undefined {
  const state = director.desired ?? { services: [] }
  const words = asked
    .map((one) => accessRefusal(state, login, one))
    .find((one) => one !== undefined)
  return words === undefined ? undefined : refusal(403, words)
}

/**
 * keepalived never looks at the kernel and would undo a weight set there when its check changes, unseen by anyone: an
 * override that may end by itself is none.
 */
function beyondReach(director: Director, scope: OverrideScope): string | undefined {
  const found = keepalivedServices(director.desired?.services ?? []).find(({ name, servers }) =>
    servers.some(({ host }) => covers(scope, { host, service: name })),
  )
  if (found === undefined) return undefined
  const whom = scope.host ?? "its real servers"
  return `keepalived programs ${found.name} and knows no overrides: give ${whom} weight: 0 in the definition and apply`
}

function unknownName(director: Director, { host, service }: OverrideScope): string | undefined {
  const all = director.desired?.services ?? []
  const services = all.filter(({ name }) => service === undefined || name === service)
  if (services.length === 0) {
    const names = all.map(({ name }) => name)
    return `no service ${service ?? ""} here${afterwards(service ?? "", names)}`
  }
  const hosts = services.flatMap(({ servers }) => servers.map((server) => server.host))
  if (host === undefined || hosts.includes(host)) return undefined
  const where = service === undefined ? "here" : `in ${service}`
  return `no real server ${host} ${where}${afterwards(host, hosts)}`
}

/** `; did you mean x?`, or nothing. */
function afterwards(word: string, known: readonly string[]): string {
  const hint = suggestion(word, known, "")
  return hint === "" ? "" : `; ${hint}`
}
