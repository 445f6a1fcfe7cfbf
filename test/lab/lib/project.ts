import { existsSync } from "node:fs"
import { dirname, join } from "node:path"

/** The repository's top folder, found from this module so that a bundle in `dist/` finds it too. */
export function projectRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, "package.json"))) {
    if (folder === dirname(folder)) throw new Error("package.json not found above the lab library")
    folder = dirname(folder)
  }
  return folder
}

/** A file of the lab's own folder, `test/lab`. */
export function labFile(...parts: string[]): string {
  return join(projectRoot(), "test", "lab", ...parts)
}
