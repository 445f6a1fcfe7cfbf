const units = { B: 1, KiB: 1024, MiB: 1024 * 1024 } as const

/** `512B`, `64KiB`, `1MiB` in bytes; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(B|KiB|MiB)$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * units[match[2] as keyof typeof units]
}

/** Bytes in the largest unit that needs no fraction. */
export function formatSize(bytes: number): string {
  for (const unit of ["MiB", "KiB"] as const)
    if (bytes > 0 && bytes % units[unit] === 0) return `${bytes / units[unit]}${unit}`
  return `${bytes}B`
}
