import { Failure } from "../core/failure.ts"
import { suggestion } from "../core/suggestion.ts"
import { scopeName, type OverrideScope } from "../model/override.ts"
import type { Subject } from "../plan/overrides.ts"

/**
 * Whom a command's TARGET means: `HOST`, `SERVICE`, `HOST:SERVICE`; `HOST:` and `:SERVICE` where one name is both. With
 * `service` (`--service`) the target is the name of a host as it stands, colons included.
 * @param subjects real servers of services as defined, or as overrides name them
 * @throws Failure `input` when it means nobody, or could mean several.
 */
export function resolveTarget(
  target: string,
  service: string | undefined,
  subjects: readonly Partial<Subject>[],
): OverrideScope {
  const scopes =
    service === undefined
      ? meanings(target, subjects)
      : subjects.some((one) => one.host === target && one.service === service)
        ? [{ host: target, service }]
        : []
  const [scope, ...others] = scopes
  if (scope === undefined) throw unknownTarget(target, service, subjects)
  if (others.length === 0) return scope
  throw new Failure("input", `${target} means ${scopes.map(nameOfKind).join(", or ")}`, {
    hint: `say ${scopes.map(exactWords).join(" or ")}`,
  })
}

function meanings(target: string, subjects: readonly Partial<Subject>[]): OverrideScope[] {
  const isHost = (host: string) => subjects.some((one) => one.host === host)
  const isService = (service: string) => subjects.some((one) => one.service === service)
  const pairs = [...target.matchAll(/:/g)].flatMap(({ index }): OverrideScope[] => {
    const [host, service] = [target.slice(0, index), target.slice(index + 1)]
    if (host === "") return isService(service) ? [{ service }] : []
    if (service === "") return isHost(host) ? [{ host }] : []
    const known = subjects.some((one) => one.host === host && one.service === service)
    return known ? [{ host, service }] : []
  })
  return [
    ...(isHost(target) ? [{ host: target }] : []),
    ...(isService(target) ? [{ service: target }] : []),
    ...pairs,
  ]
}

function nameOfKind(scope: OverrideScope): string {
  const { host, service } = scope
  if (host === undefined) return scopeName(scope)
  return service === undefined ? `real server ${host}` : `${host} in service ${service}`
}

function exactWords({ host, service }: OverrideScope): string {
  if (host === undefined) return `:${service ?? ""}`
  return service === undefined ? `${host}:` : `${host} --service ${service}`
}

function unknownTarget(
  target: string,
  service: string | undefined,
  subjects: readonly Partial<Subject>[],
): Failure {
  const hosts = distinct(subjects.map(({ host }) => host))
  const colon = target.lastIndexOf(":")
  const [host, wanted] =
    service !== undefined
      ? [target, service]
      : colon < 0
        ? [target, undefined]
        : [target.slice(0, colon), target.slice(colon + 1)]
  if (wanted !== undefined && (host === "" || hosts.includes(host))) {
    const served = subjects.filter((one) => host === "" || one.host === host)
    const words = host === "" ? `there is no service ${wanted}` : `${host} does not serve ${wanted}`
    return new Failure("input", words, {
      hint: hintFor(wanted, distinct(served.map((one) => one.service))),
    })
  }
  const services = distinct(subjects.map((one) => one.service))
  return new Failure("input", `${host} is no real server of any service`, {
    hint: hintFor(host, wanted === undefined ? [...hosts, ...services] : hosts),
  })
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))]
}

function hintFor(word: string, known: readonly string[]): string {
  return suggestion(word, known, `known are ${known.join(", ")}`)
}
