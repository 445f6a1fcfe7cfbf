// oxlint-disable no-restricted-globals -- reckons with the moments that are given, and reads no clock

/** Milliseconds since 1970 as a moment in ISO 8601 in UTC: so two of them compare as text. */
export function instantOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** A moment in ISO 8601 in UTC with milliseconds, so many milliseconds later. */
export function later(instant: string, milliseconds: number): string {
  return instantOf(Date.parse(instant) + milliseconds)
}
