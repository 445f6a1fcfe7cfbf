/** A part of some hosts: a number of them, or a percentage. */
export type Share = { readonly hosts: number } | { readonly percent: number }

/** `3` or `25%` as a Share; undefined for anything else, and for over 100 %. */
export function parseShare(text: string): Share | undefined {
  const match = /^(\d{1,6})(%?)$/.exec(text)
  if (match === null) return undefined
  const value = Number(match[1])
  if (match[2] === "") return { hosts: value }
  return value <= 100 ? { percent: value } : undefined
}

/** `3` or `25%`. */
export function formatShare(share: Share): string {
  return "hosts" in share ? String(share.hosts) : `${share.percent}%`
}

/** How many of `total` hosts go at once by Ansible's rule for `serial`: a percentage is rounded down, and one is the least. */
export function batchSize(share: Share, total: number): number {
  const size = "hosts" in share ? share.hosts : Math.floor((share.percent * total) / 100)
  return Math.max(1, size)
}
