/** Upper bounds of the classes that the lateness of checks is counted in, in milliseconds; what is later is in one more class. */
export const latenessBoundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const

/** How many checks began how late, class by class. */
export type Lateness = readonly number[]

/** No check yet. */
export function noLateness(): number[] {
  return Array.from({ length: latenessBoundsMs.length + 1 }, () => 0)
}

/** The class of a check that began so many milliseconds after its time. */
export function latenessClass(lateMs: number): number {
  const index = latenessBoundsMs.findIndex((bound) => lateMs <= bound)
  return index < 0 ? latenessBoundsMs.length : index
}

/** The bound below which the share (0 to 1) of all checks began; Infinity beyond the last class, 0 without checks. */
export function latenessWithin(lateness: Lateness, share: number): number {
  const all = lateness.reduce((sum, count) => sum + count, 0)
  if (all === 0) return 0
  let passed = 0
  for (const [index, count] of lateness.entries()) {
    passed += count
    if (passed >= all * share) return latenessBoundsMs[index] ?? Number.POSITIVE_INFINITY
  }
  return Number.POSITIVE_INFINITY
}

/** Later than this, one in a hundred, and operators should know: a failure is noticed so much later than `interval` says. */
const tooLateMs = 1000

/** What to tell operators about lateness; undefined when there is nothing to tell. */
export function latenessWarning(lateness: Lateness): string | undefined {
  const withinMs = latenessWithin(lateness, 0.99)
  if (withinMs <= tooLateMs) return undefined
  const late = Number.isFinite(withinMs)
    ? `up to ${withinMs / 1000}s`
    : `more than ${(latenessBoundsMs.at(-1) ?? 0) / 1000}s`
  return `health checks begin late, one in a hundred by ${late}: this director has too many of them, or too little CPU`
}
