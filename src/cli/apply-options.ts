import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import { suggestion } from "../core/suggestion.ts"
import { guardNames, type GuardName } from "../model/plan.ts"
import type { RolloutChoice } from "../model/rollout.ts"
import { durationOption } from "./duration-option.ts"
import type { ApplyFlags } from "./flags.ts"
import { formatOf, type Format } from "./format.ts"
import type { HookOptions } from "./hooks.ts"
import { rolloutChoice } from "./rollout-choice.ts"

/** How a plan is shown and carried out. */
export interface ApplyOptions {
  readonly format: Format
  /** Events and results for machines. */
  readonly json: boolean
  readonly diff: boolean
  /** Without a question. */
  readonly yes: boolean
  readonly allowed: ReadonlySet<GuardName>
  /** Seconds between the end of an activation and its revert, unless confirmed. */
  readonly confirmSeconds: number
  /** Milliseconds for all that is done on one host; left out: the usual time. */
  readonly hostTimeoutMs?: number
  /** What is said in place of clusters.yml's `rollout`. */
  readonly rollout: RolloutChoice
  readonly hooks: HookOptions
  /** How long to wait for others to give their locks back. */
  readonly lockWaitMs: number
}

const longestHookMs = 3_600_000

/** Half of it must do for a new connection to a busy node; an hour is long for a node on an unconfirmed release. */
const confirmRange = { min: 5000, max: 3_600_000 } as const

const hostRange = { min: 10_000, max: 3_600_000 } as const

/**
 * The flags of a command that applies, checked.
 * @throws Failure `input`, before any host is contacted.
 */
export function applyOptions(flags: ApplyFlags): ApplyOptions {
  const format = formatOf(flags)
  return {
    format,
    json: format === "json",
    diff: flags.diff === true,
    yes: flags.yes === true,
    allowed: allowedGuards(flags.allow),
    confirmSeconds: Math.ceil(confirmTime(flags.confirmTimeout) / 1000),
    ...(flags.hostTimeout === undefined ? {} : { hostTimeoutMs: hostTime(flags.hostTimeout) }),
    rollout: rolloutChoice(flags),
    hooks: hookOptions(flags),
    lockWaitMs: durationOption("--lock-wait", flags.lockWait, "15m, 1h"),
  }
}

/**
 * The flags on hooks, checked.
 * @throws Failure `input`, before any host is contacted.
 */
export function hookOptions({
  hooks,
  hookTimeout,
}: Pick<ApplyFlags, "hooks" | "hookTimeout">): HookOptions {
  const timeoutMs = durationOption("--hook-timeout", hookTimeout, "60s, 5m")
  if (timeoutMs > 0 && timeoutMs <= longestHookMs) return { enabled: hooks, timeoutMs }
  throw new Failure("input", `--hook-timeout ${hookTimeout} is out of range`, {
    hint: `more than 0s, at most ${formatDuration(longestHookMs)}`,
  })
}

/**
 * The guards that `--allow` names.
 * @throws Failure `input` for a name that is none.
 */
export function allowedGuards(text = ""): ReadonlySet<GuardName> {
  return new Set(text.split(",").map(trim).filter(isNamed).map(guardNamed))
}

function confirmTime(text: string): number {
  const milliseconds = durationOption("--confirm-timeout", text, "30s, 2m")
  if (milliseconds >= confirmRange.min && milliseconds <= confirmRange.max) return milliseconds
  const range = `${formatDuration(confirmRange.min)} to ${formatDuration(confirmRange.max)}`
  throw new Failure("input", `--confirm-timeout ${text} is out of range`, {
    hint: `${range}: time for the hosts to be reached anew, and to revert when they are not`,
  })
}

function hostTime(text: string): number {
  const milliseconds = durationOption("--host-timeout", text, "2m, 10m")
  if (milliseconds >= hostRange.min && milliseconds <= hostRange.max) return milliseconds
  const range = `${formatDuration(hostRange.min)} to ${formatDuration(hostRange.max)}`
  throw new Failure("input", `--host-timeout ${text} is out of range`, {
    hint: `${range}: time for files, activation and convergence of one host together`,
  })
}

function guardNamed(name: string): GuardName {
  const known = guardNames.find((guard) => guard === name)
  if (known !== undefined) return known
  throw new Failure("input", `--allow ${name}: there is no such guard`, {
    hint: suggestion(name, guardNames, `guards are ${guardNames.join(", ")}`),
  })
}

function trim(text: string): string {
  return text.trim()
}

function isNamed(text: string): boolean {
  return text !== ""
}
