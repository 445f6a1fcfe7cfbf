import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import type { VirtualService } from "../model/fleet.ts"
import { longestRampMs, scopeName, type OverrideScope } from "../model/override.ts"
import { weightUse } from "../model/weight-use.ts"
import { covers } from "../plan/overrides.ts"
import { durationOption } from "./duration-option.ts"

/** A drain that is lifted with `--ramp`: how fast, and where that changes nothing. */
export interface RampPlan {
  readonly rampMs: number
  /** One line for each service whose real servers have their weight at once. */
  readonly atOnce: readonly string[]
}

/** The milliseconds of `--ramp`. @throws Failure `input` for what is no duration, none at all, or over a day. */
export function rampOption(text: string): number {
  const rampMs = durationOption("--ramp", text, "90s, 5m, 1h")
  if (rampMs > 0 && rampMs <= longestRampMs) return rampMs
  throw new Failure(
    "input",
    `--ramp ${text}: must be from 1ms to ${formatDuration(longestRampMs)}`,
    {
      hint: "without --ramp the weight is there at once",
    },
  )
}

/**
 * Looks where the weights of these targets can grow.
 * @throws Failure `input` where growing would move clients, or nothing could grow.
 */
export function planRamp(
  services: readonly VirtualService[],
  targets: readonly OverrideScope[],
  rampMs: number,
): RampPlan {
  const concerned = services.flatMap((service) => {
    const weights = service.backends
      .filter(({ host }) =>
        targets.some((target) => covers(target, { host, service: service.name })),
      )
      .map(({ weight }) => weight)
    return weights.length === 0 ? [] : [{ service, weights }]
  })
  const placed = concerned.find(({ service }) => weightUse(service.scheduler) === "places")
  if (placed !== undefined)
    throw new Failure(
      "input",
      `--ramp would move clients of ${placed.service.name} at every step: its scheduler ${placed.service.scheduler} places them by the weights`,
      {
        hint: "nothing was changed; resume it without --ramp, or HOST:SERVICE for another service",
      },
    )
  const atOnce = concerned.flatMap(({ service, weights }) => obstacle(service, weights))
  if (atOnce.length < concerned.length) return { rampMs, atOnce }
  const names = targets.map(scopeName).join(", ")
  const why = atOnce.length === 0 ? "the definition has no such real server" : atOnce.join("; ")
  throw new Failure("input", `--ramp has no effect on ${names}: ${why}`, {
    hint: "nothing was changed; resume it without --ramp",
  })
}

function obstacle({ name, scheduler }: VirtualService, weights: readonly number[]): string[] {
  if (weightUse(scheduler) === "none")
    return [`${name}: its scheduler ${scheduler} knows no weights`]
  return weights.every((weight) => weight <= 1) ? [`${name}: a weight of 1 cannot grow`] : []
}
