import { isUtf8 } from "node:buffer"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { Failure } from "../core/failure.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"

/** What stands at a path, symbolic links followed. */
export type Kind = "file" | "folder" | "absent"

/**
 * What stands at `path`.
 * @throws Failure `input` when it cannot be looked at.
 */
export function kindAt(path: string): Kind {
  const found = orFailure(path, () => statSync(path, { throwIfNoEntry: false }))
  if (found === undefined) return "absent"
  return found.isDirectory() ? "folder" : "file"
}

/**
 * Names in a folder in order of their code units, as Ansible sorts them; none when there is no such folder.
 * Reading is synchronous here and below: a command has nothing else to do before its input is in, and
 * it costs a tenth of the processor time of promises.
 * @throws Failure `input` when it cannot be listed.
 */
export function namesIn(folder: string): string[] {
  return kindAt(folder) === "folder" ? orFailure(folder, () => readdirSync(folder)).sort() : []
}

/**
 * Paths of all files below a folder, relative to it, with `/`, sorted; links to folders are not followed.
 * @throws Failure `input` when it cannot be listed.
 */
export function filesBelow(folder: string): string[] {
  if (kindAt(folder) !== "folder") return []
  return orFailure(folder, () => readdirSync(folder, { recursive: true, encoding: "utf8" }))
    .filter((name) => kindAt(join(folder, name)) === "file")
    .map((name) => name.split(sep).join("/"))
    .sort()
}

/** The text of a UTF-8 file. `name` is what problems call it: file-unreadable, file-encoding. */
export function readText(path: string, name: string): Result<string, Problem> {
  const bytes = readBytes(path, name)
  return bytes.ok ? textOf(bytes.value, name) : bytes
}

/** The bytes of a file. `name` is what its problem calls it: file-unreadable. */
export function readBytes(path: string, name: string): Result<Buffer, Problem> {
  try {
    // A pipe would be waited for, and some devices have no end.
    if (isEnded(path)) return ok(readFileSync(path))
    return err({ rule: "file-unreadable", message: `${name} is no file` })
  } catch (thrown) {
    return err({
      rule: "file-unreadable",
      message: `${name} cannot be read: ${reasonOf(thrown)}`,
    })
  }
}

/** Bytes as UTF-8 text. `name` is what the problem calls their file: file-encoding. */
export function textOf(bytes: Buffer, name: string): Result<string, Problem> {
  if (isUtf8(bytes)) return ok(bytes.toString("utf8"))
  return err({
    rule: "file-encoding",
    message: `${name} is not UTF-8 text`,
    hint: "save it as UTF-8",
  })
}

function isEnded(path: string): boolean {
  const found = statSync(path)
  return found.isFile() || found.isDirectory()
}

/** A path as the user would name it: relative to where he stands, unless it lies so far away that the whole path is shorter. */
export function displayPath(path: string, currentFolder: string): string {
  const near = relative(currentFolder, path)
  if (near === "") return "."
  return near.startsWith("..") && near.length > path.length ? path : near
}

function orFailure<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    throw new Failure("input", `${path} cannot be read: ${reasonOf(thrown)}`, { cause: thrown })
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist",
  ELOOP: "its symbolic links form a loop",
}

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)
  return reasons[code] ?? code
}
