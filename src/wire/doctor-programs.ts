import { groupBy } from "../core/group.ts"
import type { Examination, ExaminedPath } from "../model/doctor.ts"

/** The records `program`, `way` and `path` of lbctl-doctor.sh. */
export function parsePrograms(
  of: (name: string) => readonly (readonly string[])[],
): Pick<Examination, "programs" | "paths"> {
  const ways = groupBy(of("way"), ([program = ""]) => program)
  return {
    programs: new Map(
      of("program").map(([program = ""]) => [
        program,
        (ways.get(program) ?? []).map(([, ...words]) => words.join(" ")),
      ]),
    ),
    paths: new Map(
      of("path").map(([mode = "", uid, gid, ...words]) => [
        words.join(" "),
        examinedPath(Number.parseInt(mode, 16), Number(uid), Number(gid)),
      ]),
    ),
  }
}

/** inode(7), the file type and mode. */
const kinds = new Map<number, ExaminedPath["kind"]>([
  [0o100000, "file"],
  [0o040000, "folder"],
  [0o120000, "link"],
])

function examinedPath(mode: number, uid: number, gid: number): ExaminedPath {
  return { kind: kinds.get(mode & 0o170000) ?? "other", mode: mode & 0o7777, uid, gid }
}
