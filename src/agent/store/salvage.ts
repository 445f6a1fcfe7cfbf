import type { Problem } from "../../core/problem.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import type { DesiredService, DirectorState } from "../../model/desired.ts"
import { serviceName } from "../../model/ipvs.ts"
import { parseDirectorState, parseServiceKey } from "./desired.ts"

/** Services whose entry cannot be read, by serviceName; `all` where even the name of one is unreadable. */
export type Aside = ReadonlySet<string> | "all"

/** Whether a service, by serviceName, is among them. */
export function isAside(aside: Aside, name: string): boolean {
  return aside === "all" || aside.has(name)
}

/** A desired state without the services that cannot be read, and what is wrong with those. */
export interface Salvaged {
  readonly state: DirectorState
  readonly aside: Aside
  readonly problems: readonly Problem[]
}

/**
 * A director's desired state from the text of its file, as far as it can be read: a service with a malformed entry, or a
 * second one of a name, is set aside, so that a bad service costs no other. What is wrong elsewhere spoils the whole.
 */
export function salvageDirectorState(file: string): Result<Salvaged, Problem[]> {
  const whole = parseDirectorState(file)
  if (whole.ok) return ok({ state: whole.value, aside: new Set(), problems: [] })
  const frame = frameOf(file)
  const empty = parseDirectorState(JSON.stringify({ ...frame, services: [] }))
  if (frame === undefined || !empty.ok) return whole
  const sound = new Map<string, DesiredService>()
  const names: (string | undefined)[] = []
  const problems: Problem[] = []
  frame.services.forEach((entry, index) => {
    const read = readEntry(frame, entry, index)
    if (!read.ok) {
      problems.push(...read.error)
      names.push(nameOf(entry))
    } else if (sound.has(serviceName(read.value.key)))
      problems.push(setAside(`${serviceName(read.value.key)} is there twice; services[${index}]`))
    else sound.set(serviceName(read.value.key), read.value)
  })
  const unnamed = names.some((name) => name === undefined)
  return ok({
    state: { ...empty.value, services: [...sound.values()] },
    aside: unnamed ? "all" : new Set(names.filter((name) => name !== undefined)),
    problems,
  })
}

interface Frame {
  readonly services: readonly unknown[]
}

function frameOf(file: string): Frame | undefined {
  let value: unknown
  try {
    value = JSON.parse(file)
  } catch {
    return undefined
  }
  if (typeof value !== "object" || value === null || !("services" in value)) return undefined
  const { services } = value
  return Array.isArray(services) ? { ...value, services } : undefined
}

/** One entry, checked as the only one of its file. */
function readEntry(frame: Frame, entry: unknown, index: number): Result<DesiredService, Problem[]> {
  const alone = parseDirectorState(JSON.stringify({ ...frame, services: [entry] }))
  const service = alone.ok ? alone.value.services[0] : undefined
  if (service !== undefined) return ok(service)
  const messages = alone.ok ? ["services[0] is missing"] : alone.error.map(({ message }) => message)
  const [first = "", ...others] = messages.map((message) =>
    message.replace(/^services\[0\]/, `services[${index}]`),
  )
  return err([setAside(first), ...others.map((message) => ({ rule: "agent-state", message }))])
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null || !("key" in entry)) return undefined
  const key = parseServiceKey(entry.key)
  return key === undefined ? undefined : serviceName(key)
}

function setAside(message: string): Problem {
  return {
    rule: "agent-state",
    message,
    hint: "this service is set aside, and stays in the kernel as it is; the others are applied",
  }
}
