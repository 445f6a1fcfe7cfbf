/** A moment in ISO 8601 in UTC with milliseconds, so many milliseconds later. */
export function later(instant: string, milliseconds: number): string {
  // oxlint-disable-next-line no-restricted-globals -- reckons with the moment that is given, and reads no clock
  return new Date(Date.parse(instant) + milliseconds).toISOString()
}
