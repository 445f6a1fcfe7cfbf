import { Failure } from "../core/failure.ts"

/** A line of a script in whose place a chapter of it belongs. */
const include = /^# include (\S+)$\n/gm

/**
 * A script as nodes get it, in one piece: lbctl-node.sh or lbctl-doctor.sh with its chapters, by file name. Those of FreeBSD are sent to
 * every host, so that one text serves hosts that nobody has looked at yet.
 * @throws Failure `failed` when a chapter is missing.
 */
export function joinNodeScript(frame: string, chapters: ReadonlyMap<string, string>): string {
  return frame.replaceAll(include, (_line, name: string) => {
    const chapter = chapters.get(name)
    if (chapter === undefined)
      throw new Failure(
        "failed",
        `the lbctl package is incomplete: no chapter ${name} of its node scripts`,
      )
    return `${chapter}\n`
  })
}
