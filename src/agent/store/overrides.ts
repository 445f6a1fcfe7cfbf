import type { Override } from "../../model/override.ts"
import type { Check } from "../../core/shape.ts"
import { list, object, oneOf, parseShape, such, text, whole } from "../../core/shape.ts"
import { longestRampMs, overrideActions, priorityRange } from "../../model/override.ts"

/** ISO 8601 in UTC, as Date.toISOString writes it: so two of them compare as text. */
export const instant: Check = such(isInstant, "a time like 2026-01-31T12:00:00.000Z")
/** The weights IPVS takes (ipvsadm(8), -w). */
export const weight = whole(0, 65_535)
export const scope = { host: text(/./), service: text(/./) }

const fields = object<Override>(
  {
    action: oneOf(...overrideActions),
    ...scope,
    weight,
    priority: whole(priorityRange.least, priorityRange.most),
    cluster: text(/./),
    by: text(/./),
    since: instant,
    reason: text(),
    expires: instant,
    lifted: (value, path) => (value === true ? [] : [`${path} must be true`]),
    rampMs: whole(1, longestRampMs),
  },
  ["host", "service", "weight", "priority", "cluster", "reason", "expires", "lifted", "rampMs"],
)

/** Says what is wrong with a list of overrides. */
export const overrideList: Check = list((value, path) => {
  const wrong = fields(value, path)
  return wrong.length > 0 ? wrong : contradictions(value as Override, path)
})

/** What an override must say besides the form of its fields. */
export function contradictions(asked: Omit<Override, "since" | "by">, path: string): string[] {
  const { action, host, service, weight: given, lifted, rampMs } = asked
  const at = path === "" ? "" : `${path}: `
  return [
    ...(host === undefined && service === undefined ? [`${at}a host or a service is missing`] : []),
    ...((action === "weight") === (given !== undefined)
      ? []
      : [`${at}a weight goes with the action weight, and only with it`]),
    ...(rampMs === undefined || (lifted === true && action === "drain")
      ? []
      : [`${at}a ramp goes with a drain that is lifted`]),
    ...(saysPriority(asked)
      ? []
      : [`${at}host, priority and cluster go with the action priority, and only with it`]),
  ]
}

function saysPriority({
  action,
  host,
  service,
  priority,
  cluster,
}: Omit<Override, "since" | "by">): boolean {
  if (action !== "priority") return priority === undefined && cluster === undefined
  const whom = host !== undefined && service === undefined
  return whom && priority !== undefined && cluster !== undefined
}

function isInstant(value: string): boolean {
  const time = Date.parse(value)
  return !Number.isNaN(time) && new Date(time).toISOString() === value
}

/** Overrides from the text of their file; undefined when it is damaged. */
export function parseOverrides(file: string): readonly Override[] | undefined {
  return parseShape(overrideList, file) as readonly Override[] | undefined
}
