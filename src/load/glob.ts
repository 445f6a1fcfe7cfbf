import { join } from "node:path"
import { kindAt, namesIn } from "./disk.ts"

/**
 * Paths that match an absolute pattern, sorted, as glob(7): `*`, `?` and `[...]` within a name, none of which matches the
 * dot a name begins with. A pattern without wildcards gives itself where something stands there.
 * @throws Failure `input` when a folder cannot be listed.
 */
export function pathsMatching(pattern: string): string[] {
  const names = pattern.split("/").filter((name) => name !== "")
  return names
    .reduce<string[]>((paths, name) => paths.flatMap((path) => below(path, name)), ["/"])
    .filter((path) => kindAt(path) !== "absent")
}

function below(folder: string, name: string): string[] {
  if (!/[*?[]/.test(name)) return [join(folder, name.replace(/\\(.)/g, "$1"))]
  const expression = expressionOf(name)
  return namesIn(folder)
    .filter((candidate) => expression.test(candidate))
    .map((candidate) => join(folder, candidate))
}

function expressionOf(glob: string): RegExp {
  const source = glob.replace(
    /\\(.)|(\*+)|(\?)|\[([!^]?)(\]?[^\]]*)\]|[.+^${}()|[\]\\]/gs,
    (all, escaped?: string, stars?: string, mark?: string, negated?: string, set?: string) => {
      if (stars !== undefined) return ".*"
      if (mark !== undefined) return "."
      if (set !== undefined)
        return `[${negated === "" ? "" : "^"}${set.replace(/[\\\]^[]/g, "\\$&")}]`
      return `\\${escaped ?? all}`
    },
  )
  return new RegExp(`^${glob.startsWith(".") ? "" : "(?!\\.)"}${source}$`, "s")
}
