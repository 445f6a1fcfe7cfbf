import { statSync } from "node:fs"
import { isAbsolute, join, resolve } from "node:path"
import { Failure } from "../core/failure.ts"
import type { Problem, SourceRef } from "../core/problem.ts"
import { splitSshConfigLine } from "../core/ssh-config-words.ts"
import type { SshConfig, SshConfigFile, SshConfigLine } from "../schema/ssh-config.ts"
import { displayPath, kindAt, readText } from "./disk.ts"
import { pathsMatching } from "./glob.ts"

/** Where configuration lies. */
export interface SshConfigPlaces {
  readonly home: string
  readonly uid: number
  readonly currentFolder: string
  /** Holds the system's ssh_config; default: /etc/ssh. */
  readonly systemFolder?: string
}

/** readconf.h, READCONF_MAX_DEPTH. */
const maxDepth = 16

/** A file on its way into the configuration. */
interface Source {
  readonly path: string
  /** A user's file may say `~`, and relative includes count from ~/.ssh. */
  readonly ofUser: boolean
  /** It must not be writable for others. */
  readonly guarded: boolean
  /** The files that include it, outermost first. */
  readonly within: readonly string[]
}

/**
 * Reads what ssh would read: ~/.ssh/config and then /etc/ssh/ssh_config where they are there, or only the file that `-F`
 * names, which must be there (`none`: nothing). Included files are read wherever the Include stands, as OpenSSH does.
 * `~` is HOME, as for all that lbctl looks for below ~/.ssh. Problems: ssh-config.
 */
export function readSshConfig(places: SshConfigPlaces, named?: string): SshConfig {
  const problems: Problem[] = []
  const read = (path: string, ofUser: boolean, guarded: boolean): SshConfigFile =>
    readFile({ path, ofUser, guarded, within: [] }, places, problems)
  if (named === undefined) {
    const own = join(places.home, ".ssh/config")
    const system = join(places.systemFolder ?? "/etc/ssh", "ssh_config")
    const files = [
      ...(kindAt(own) === "absent" ? [] : [read(own, true, true)]),
      ...(kindAt(system) === "absent" ? [] : [read(system, false, false)]),
    ]
    return { files, problems }
  }
  if (named.toLowerCase() === "none") return { files: [], problems }
  const path = resolve(places.currentFolder, withHome(named, places))
  return { files: [read(path, true, false)], problems }
}

function readFile(
  source: Source,
  places: SshConfigPlaces,
  problems: Problem[],
  from?: SourceRef,
): SshConfigFile {
  const { path, within } = source
  const file = displayPath(path, places.currentFolder)
  const at = from === undefined ? {} : { at: from }
  const refuse = (message: string, hint: string): SshConfigFile => {
    problems.push({ rule: "ssh-config", message, hint, ...at })
    return []
  }
  if (within.includes(path) || within.length > maxDepth)
    return refuse(`${file} includes itself`, "take one Include of the circle out")
  const text = readText(path, file)
  if (!text.ok) return refuse(text.error.message, "make it readable, or take it out")
  if (source.guarded && !isSafe(path, places.uid))
    return refuse(
      `${file} can be written by others, and ssh refuses it`,
      `it must be yours or root's: chmod go-w ${file}`,
    )
  return text.value.split("\n").flatMap((line, index) => {
    const column = 1 + line.length - line.trimStart().length
    return readLine(line, { file, line: index + 1, column }, source, places, problems) ?? []
  })
}

/** OpenSSH refuses files that are another's or that others may write (readconf.c, SSHCONF_CHECKPERM). */
function isSafe(path: string, uid: number): boolean {
  const { mode, uid: owner } = statSync(path)
  return (owner === 0 || owner === uid) && (mode & 0o022) === 0
}

function readLine(
  text: string,
  at: SourceRef,
  source: Source,
  places: SshConfigPlaces,
  problems: Problem[],
): SshConfigLine | undefined {
  const words = splitSshConfigLine(text)
  if (!words.ok) {
    const hint = "write `Keyword value`, as ssh_config(5) has it"
    problems.push({ rule: "ssh-config", message: words.error, at, hint })
    return undefined
  }
  if (words.value === undefined) return undefined
  const line = { ...words.value, at, written: text.trim() }
  if (line.keyword !== "include") return line
  const included = line.args.flatMap((pattern) =>
    includedPaths(pattern, at, source, places, problems).map((path) =>
      readFile(
        { ...source, path, guarded: true, within: [...source.within, source.path] },
        places,
        problems,
        at,
      ),
    ),
  )
  return { ...line, included }
}

function includedPaths(
  pattern: string,
  at: SourceRef,
  { ofUser }: Source,
  places: SshConfigPlaces,
  problems: Problem[],
): string[] {
  const refuse = (message: string, hint: string): string[] => {
    problems.push({ rule: "ssh-config", message, at, hint })
    return []
  }
  if (pattern === "") return refuse("Include has an empty argument", "name a file")
  if (pattern.startsWith("~") && (!ofUser || !/^~(?:\/|$)/.test(pattern)))
    return refuse(`the path ${pattern} cannot be included`, "write the whole path")
  const folder = ofUser ? join(places.home, ".ssh") : (places.systemFolder ?? "/etc/ssh")
  const path = withHome(pattern, places)
  try {
    return pathsMatching(isAbsolute(path) ? path : join(folder, path))
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    return refuse(thrown.message, "make it readable, or take the Include out")
  }
}

function withHome(path: string, { home }: SshConfigPlaces): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path
}
