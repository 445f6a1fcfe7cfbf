import { askDaemon } from "../client.ts"
import { ownPaths } from "../paths.ts"
import { conclude } from "./output.ts"
import { badUsage, readWords } from "./words.ts"

const drainUsage = "drain HOST[:SERVICE] --by NAME [--reason TEXT]"
const resumeUsage = "resume HOST[:SERVICE]"

/** Gives a real server no new connections, until `resume`. */
export async function drain(words: readonly string[]): Promise<number> {
  const { plain, option } = readWords(words, ["by", "reason"], drainUsage)
  const by = option("by")
  if (by === undefined) throw badUsage("--by is missing: who drains", drainUsage)
  const reason = option("reason")
  const asked = {
    action: "drain",
    ...subject(plain, drainUsage),
    by,
    ...(reason === undefined ? {} : { reason }),
  }
  return conclude(await askDaemon(ownPaths().socket, "POST", "/overrides", asked))
}

/** Ends a drain. */
export async function resume(words: readonly string[]): Promise<number> {
  const query = new URLSearchParams(subject(readWords(words, [], resumeUsage).plain, resumeUsage))
  return conclude(await askDaemon(ownPaths().socket, "DELETE", `/overrides?${query.toString()}`))
}

function subject(plain: readonly string[], usage: string): { host: string; service?: string } {
  const [word] = plain
  if (word === undefined || plain.length > 1) throw badUsage("one HOST or HOST:SERVICE", usage)
  const colon = word.indexOf(":")
  if (colon < 0) return { host: word }
  return { host: word.slice(0, colon), service: word.slice(colon + 1) }
}
