import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import { nearest } from "../core/text.ts"
import { guardNames, type GuardName } from "../model/plan.ts"
import { durationOption } from "./duration-option.ts"
import type { ApplyFlags } from "./flags.ts"

/** How a plan is shown and carried out. */
export interface ApplyOptions {
  readonly json: boolean
  readonly diff: boolean
  /** Without a question. */
  readonly yes: boolean
  readonly allowed: ReadonlySet<GuardName>
  /** Seconds between the end of an activation and its revert, unless confirmed. */
  readonly confirmSeconds: number
}

/** Half of it must do for a new connection to a busy node; an hour is long for a node on an unconfirmed release. */
const confirmRange = { min: 5000, max: 3_600_000 } as const

/**
 * The flags of a command that applies, checked.
 * @throws Failure `input`, before any host is contacted.
 */
export function applyOptions(flags: ApplyFlags): ApplyOptions {
  return {
    json: flags.json === true,
    diff: flags.diff === true,
    yes: flags.yes === true,
    allowed: new Set((flags.allow ?? "").split(",").map(trim).filter(isNamed).map(guardNamed)),
    confirmSeconds: Math.ceil(confirmTime(flags.confirmTimeout) / 1000),
  }
}

function confirmTime(text: string): number {
  const milliseconds = durationOption("--confirm-timeout", text, "30s, 2m")
  if (milliseconds >= confirmRange.min && milliseconds <= confirmRange.max) return milliseconds
  const range = `${formatDuration(confirmRange.min)} to ${formatDuration(confirmRange.max)}`
  throw new Failure("input", `--confirm-timeout ${text} is out of range`, {
    hint: `${range}: time for the hosts to be reached anew, and to revert when they are not`,
  })
}

function guardNamed(name: string): GuardName {
  const known = guardNames.find((guard) => guard === name)
  if (known !== undefined) return known
  const near = nearest(name, guardNames)
  throw new Failure("input", `--allow ${name}: there is no such guard`, {
    hint: near === undefined ? `guards are ${guardNames.join(", ")}` : `did you mean ${near}?`,
  })
}

function trim(text: string): string {
  return text.trim()
}

function isNamed(text: string): boolean {
  return text !== ""
}
