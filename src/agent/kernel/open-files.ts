import { readFileSync } from "node:fs"

/**
 * How many files this process may have open (proc(5), /proc/PID/limits; Node has raised the soft limit to the hard one).
 * Undefined where that cannot be told.
 */
export function openFilesLimit(): number | undefined {
  try {
    const [, limit] =
      /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? []
    return limit === undefined ? undefined : Number(limit)
  } catch {
    return undefined
  }
}
