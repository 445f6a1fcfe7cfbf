import { instantOf } from "../../core/instant.ts"
import type { Override, OverrideScope } from "../../model/override.ts"
import { askDaemon } from "../client.ts"
import { ownPaths } from "../paths.ts"
import { conclude } from "./output.ts"
import { badUsage, readWords } from "./words.ts"

type Action = Override["action"]
type Command = (words: readonly string[]) => Promise<number>

const target = "HOST[:SERVICE] or :SERVICE"

/** Sets an override on this director alone; lbctl sets it on all of a cluster. */
function setting(action: Action): Command {
  const number = action === "weight" ? " N" : ""
  const usage = `${action} ${target}${number} --by NAME [--service S] [--reason TEXT] [--until TIME]`
  return async (words) => {
    const { plain, option } = readWords(words, ["by", "service", "reason", "until"], usage)
    const [, given] = plain
    if ((given === undefined) === (action === "weight")) throw badUsage(`one ${target}`, usage)
    const reason = option("reason")
    const until = option("until")
    const asked = {
      action,
      ...scope(plain.slice(0, 1), option("service"), usage),
      by: author(option("by"), usage),
      ...(given === undefined ? {} : { weight: Number(given) }),
      ...(reason === undefined ? {} : { reason }),
      ...(until === undefined ? {} : { expires: instant(until, usage) }),
    }
    return conclude(await askDaemon(ownPaths().socket, "POST", "/overrides", asked))
  }
}

/** Lifts what `action` set on this director. */
function lifting(action: Action, name: string): Command {
  const usage = `${name} ${target} --by NAME [--service S]`
  return async (words) => {
    const { plain, option } = readWords(words, ["by", "service"], usage)
    const query = new URLSearchParams({
      action,
      by: author(option("by"), usage),
      ...scope(plain, option("service"), usage),
    })
    return conclude(await askDaemon(ownPaths().socket, "DELETE", `/overrides?${query.toString()}`))
  }
}

/** Gives a real server no new connections; it keeps its own. */
export const drain = setting("drain")
/** Takes a real server, or all of a service, out of the table at once. */
export const disable = setting("disable")
/** Gives a real server another weight, 0 to 65535, than the defined one; `default` lifts that. */
export const weight: Command = (words) =>
  words[1] === "default"
    ? unweight(words.filter((_, index) => index !== 1))
    : setting("weight")(words)
/** Ends a drain. */
export const resume = lifting("drain", "resume")
/** Ends a disable. */
export const enable = lifting("disable", "enable")
const unweight = lifting("weight", "weight")

/** Takes in overrides as other directors have them: the JSON of a list of records. */
export const merge = taking("merge-overrides", "/overrides/merge")
/** Takes in overrides that are ordered now, as far as access rules let whoever runs this. */
export const tell = taking("tell-overrides", "/overrides/tell")

function taking(name: string, path: string): Command {
  const usage = `${name} RECORDS`
  return async ([text, ...rest]) => {
    if (text === undefined || rest.length > 0) throw badUsage("one list of records as JSON", usage)
    let records: unknown
    try {
      records = JSON.parse(text)
    } catch {
      throw badUsage("the records are not JSON", usage)
    }
    return conclude(await askDaemon(ownPaths().socket, "POST", path, { records }))
  }
}

function scope(
  plain: readonly string[],
  service: string | undefined,
  usage: string,
): OverrideScope & Record<string, string> {
  const [word] = plain
  if (word === undefined || plain.length > 1) throw badUsage(`one ${target}`, usage)
  if (service !== undefined) return { host: word, service }
  const colon = word.indexOf(":")
  if (colon < 0) return { host: word }
  const host = word.slice(0, colon)
  return { ...(host === "" ? {} : { host }), service: word.slice(colon + 1) }
}

function author(by: string | undefined, usage: string): string {
  if (by === undefined) throw badUsage("--by is missing: who does it", usage)
  return by
}

function instant(text: string, usage: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw badUsage(`--until ${text} is no time in ISO 8601`, usage)
  return instantOf(time)
}
