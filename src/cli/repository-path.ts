import { existsSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import type { Problem } from "../core/problem.ts"

/** A problem whose file is named as seen from the top of its Git repository, as CI systems show files; else as it was. */
export function fromRepository(problem: Problem): Problem {
  const { at } = problem
  if (at === undefined) return problem
  const full = resolve(at.file)
  const top = repositoryOf(dirname(full))
  return top === undefined ? problem : { ...problem, at: { ...at, file: relative(top, full) } }
}

/** A worktree's .git is a file. */
function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : repositoryOf(parent)
}
