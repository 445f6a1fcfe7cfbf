const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `250ms`, `6s`, `1.5s`, `2m`, `1h`, `7d` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (match === null) return undefined
  const unit = match[2] as keyof typeof units
  return Math.round(Number(match[1]) * units[unit])
}

/** Milliseconds in the largest unit that needs no fraction, or seconds with at most one digit. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`
  for (const unit of ["d", "h", "m"] as const) {
    if (milliseconds % units[unit] === 0) return `${milliseconds / units[unit]}${unit}`
  }
  return `${Number((milliseconds / 1000).toFixed(1))}s`
}
