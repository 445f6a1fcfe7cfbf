/** Whether a name matches a pattern of ssh_config: `*` is any text, `?` any character (ssh_config(5), PATTERNS). */
export function matchesPattern(name: string, pattern: string): boolean {
  // Most are plain names, and there are as many as lines times hosts.
  if (!pattern.includes("*") && !pattern.includes("?")) return name === pattern
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/\?/g, ".")
  return new RegExp(`^${source}$`, "s").test(name)
}

/** Whether a name matches a list of patterns with commas between them: one at least, and none with `!` before it. */
export function matchesList(name: string, list: string): boolean {
  const patterns = list.split(",")
  const refused = patterns.some(
    (pattern) => pattern.startsWith("!") && matchesPattern(name, pattern.slice(1)),
  )
  return (
    !refused &&
    patterns.some((pattern) => !pattern.startsWith("!") && matchesPattern(name, pattern))
  )
}
