/** Priority of one who owns the addresses, and of one who gives up (RFC 9568 section 5.2.4). */
export const priorities = { owner: 255, resigns: 0 } as const

/** Skew_Time in milliseconds: the higher the priority, the shorter (RFC 9568 section 6.1). */
export function skewMs(priority: number, masterAdvertMs: number): number {
  return ((256 - priority) * masterAdvertMs) / 256
}

/** Active_Down_Interval in milliseconds: three adverts of the master and the skew (RFC 9568 section 6.1). */
export function masterDownMs(priority: number, masterAdvertMs: number): number {
  return leastSilenceMs(masterAdvertMs) + skewMs(priority, masterAdvertMs)
}

/** No backup takes over before its master was silent for so long, whatever its priority. */
export function leastSilenceMs(masterAdvertMs: number): number {
  return 3 * masterAdvertMs
}
