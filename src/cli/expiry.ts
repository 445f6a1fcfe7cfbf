import { instantOf } from "../core/instant.ts"
import { Failure } from "../core/failure.ts"
import { durationOption } from "./duration-option.ts"

/** An override that nobody would live to see end is a mistyped one. */
const longestMs = 366 * 86_400_000

/**
 * When an override ends by itself, from `--for` and `--until`: ISO 8601 in UTC; undefined where neither is given.
 * @throws Failure `input` for what is no duration, no time, in the past or over a year away.
 */
export function expiryOption(
  options: { readonly for?: string; readonly until?: string },
  nowMs: number,
): string | undefined {
  const { for: length, until } = options
  if (length !== undefined && until !== undefined)
    throw new Failure("input", "--for and --until are two ways to say one thing", {
      hint: "give one of them",
    })
  if (length === undefined && until === undefined) return undefined
  const option = length === undefined ? `--until ${until ?? ""}` : `--for ${length}`
  const endMs =
    length === undefined
      ? parseTime(until ?? "", nowMs)
      : nowMs + durationOption("--for", length, "30m, 2h, 3d")
  if (endMs === undefined)
    throw new Failure("input", `${option}: not a time`, {
      hint: "18:30, 2026-01-31T18:30, or 2026-01-31T18:30Z; without Z or +09:00 in this machine's time zone",
    })
  if (endMs <= nowMs || endMs > nowMs + longestMs)
    throw new Failure("input", `${option} is ${endMs <= nowMs ? "not in the future" : "too far"}`, {
      hint: "a year at most; without an end it holds until it is lifted",
    })
  return instantOf(endMs)
}

/** `18:30` is the next such moment of this machine's clock, else ISO 8601; milliseconds since 1970. */
function parseTime(text: string, nowMs: number): number | undefined {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (clock !== null) {
    const time = new Date(nowMs)
    time.setHours(Number(clock[1]), Number(clock[2]), 0, 0)
    if (time.getTime() <= nowMs) time.setDate(time.getDate() + 1)
    return time.getTime()
  }
  const form = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/
  const time = form.test(text) ? Date.parse(text.replace(" ", "T")) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
