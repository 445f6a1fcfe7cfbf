import type { Examination, ExaminedPath } from "../../model/doctor.ts"

/** What is wrong with a program: where, in words, and the command that mends it. */
export interface ProgramFault {
  readonly at: string
  readonly what: string
  readonly cure: string
}

/**
 * The first thing for which keepalived does not run a program; undefined where there is none, or where the host did not tell.
 * As keepalived judges (lib/notify.c, check_script_secure): of what runs as root, the way to the program, with symbolic links and
 * without, has to be root's alone.
 */
export function faultOf(
  path: string,
  asRoot: boolean,
  { programs, paths }: Pick<Examination, "programs" | "paths">,
): ProgramFault | undefined {
  const ways = programs.get(path)
  if (ways === undefined) return undefined
  const real = ways.at(-1) ?? path
  const found = paths.get(real)
  const bring = `install -o root -g root -m 0755 PROGRAM ${path}`
  if (found === undefined || found.kind === "link")
    return { at: path, what: "it is not there", cure: bring }
  if (found.kind !== "file") return { at: path, what: "it is no file", cure: bring }
  if ((found.mode & 0o111) === 0)
    return { at: real, what: "it is not executable", cure: `chmod 0755 ${real}` }
  return asRoot ? openWay(ways, paths) : undefined
}

/** The first file or folder on the way to a program that others than root can change. */
function openWay(ways: readonly string[], paths: Examination["paths"]): ProgramFault | undefined {
  for (const at of ways.flatMap(steps)) {
    const found = paths.get(at)
    const whose = found === undefined ? undefined : openTo(found)
    if (whose !== undefined)
      return {
        at,
        what: `${at} ${whose}`,
        cure: `chown root:root ${at} && chmod go-w ${at}`,
      }
  }
  return undefined
}

/** `/`, `/usr`, `/usr/bin` ... and the path itself. */
function steps(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "")
  return ["/", ...parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`)]
}

/** Who besides root may write, in words; in a folder with the sticky bit nobody takes another's file away. */
function openTo({ kind, mode, uid, gid }: ExaminedPath): string | undefined {
  if (uid !== 0) return `belongs to user ${uid}`
  if (kind === "link" || (kind === "folder" && (mode & 0o1000) !== 0)) return undefined
  if ((mode & 0o002) !== 0) return "is writable by everybody"
  return gid !== 0 && (mode & 0o020) !== 0 ? `is writable by group ${gid}` : undefined
}
