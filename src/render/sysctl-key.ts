/** The two spellings of a sysctl. */
export interface SysctlKey {
  /** `net.ipv4.vs.conntrack`; with slashes where a part holds a dot: `net/ipv4/conf/eth0.100/rp_filter`. */
  readonly key: string
  /** Below /proc/sys. */
  readonly path: string
}

/**
 * Reads a key as sysctl.d(5) does: the first separator decides; after a slash dots are part of names, after a dot the two
 * change places. Undefined for what can be no sysctl.
 */
export function sysctlKey(text: string): SysctlKey | undefined {
  if (!/^[A-Za-z0-9_@:+/.-]+$/.test(text)) return undefined
  const path = /^[^/.]*\//.test(text)
    ? text
    : text.replace(/[./]/g, (one) => (one === "." ? "/" : "."))
  const parts = path.split("/")
  if (parts.length < 2 || parts.some((part) => /^\.*$/.test(part))) return undefined
  return { key: path.includes(".") ? path : parts.join("."), path }
}
