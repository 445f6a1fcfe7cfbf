import { join } from "node:path"

/** `~/x` below the home folder; other paths as they are. */
export function expandHome(path: string, home: string): string {
  return path.startsWith("~/") ? join(home, path.slice(2)) : path
}

/** Whether a file operation failed because there is no such file. */
export function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    (thrown.code === "ENOENT" || thrown.code === "ENOTDIR")
  )
}
