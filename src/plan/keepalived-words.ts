import { compareText } from "../core/text.ts"
import type { DirectorState } from "../model/desired.ts"
import type { KeepalivedVrrp } from "../model/keepalived.ts"
import type { Change } from "../model/plan.ts"

/** What changes of that which keepalived alone does for a VRRP instance, in the words of keepalived.conf(5). */
export function keepalivedWords(
  before: KeepalivedVrrp | undefined,
  after: KeepalivedVrrp | undefined,
): string[] {
  return changed(settings(before), settings(after))
}

/** What changes of global_defs and of the static addresses, routes and rules of a director. */
export function planKeepalived(wanted: DirectorState, actual: DirectorState | undefined): Change[] {
  if (actual === undefined) return []
  return changed(globalSettings(actual), globalSettings(wanted)).map((meaning) => ({
    kind: "vrrp",
    action: "edit",
    subject: "keepalived",
    meaning,
    risk: "low",
  }))
}

function globalSettings({ globalDefs = [], statics = [] }: DirectorState): Settings {
  return new Map([
    // The addresses of notification_email stand in a block of their own.
    ...globalDefs
      .filter(isSetting)
      .map((line) =>
        line.startsWith(" ") ? ([`notification_email ${line.trim()}`, ""] as const) : split(line),
      ),
    ...statics.flatMap(({ head, lines }) =>
      lines.filter(isSetting).map((line) => [`${head} ${line.trim()}`, ""] as const),
    ),
  ])
}

/** Not the braces of a block, nor what every sync group has. */
function isSetting(line: string): boolean {
  return !line.endsWith("{") && line !== "}" && line !== "sync_group_tracking_weight"
}

/** Each setting by what tells it apart from others. */
type Settings = ReadonlyMap<string, string>

function changed(old: Settings, now: Settings): string[] {
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(compareText)
  return keys.flatMap((key) => {
    const [a, b] = [old.get(key), now.get(key)]
    if (a === b) return []
    if (a === undefined) return [`${joined(key, b)} is added`]
    if (b === undefined) return [`${joined(key, a)} is removed`]
    return [`${key} ${a} -> ${b}`]
  })
}

function joined(key: string, value = ""): string {
  return value === "" ? key : `${key} ${value}`
}

function settings(words: KeepalivedVrrp | undefined): Settings {
  if (words === undefined) return new Map()
  return new Map([
    ...words.lines.map(split),
    ...words.definitions.map(({ head, lines }) => [head, lines.join(", ")] as const),
    ...words.blocks.flatMap(({ head, lines }) =>
      // A route or rule is told apart by all of its words, what is tracked by its name.
      lines.map((line) =>
        head.startsWith("track_") ? under(head, split(line)) : ([`${head} ${line}`, ""] as const),
      ),
    ),
  ])
}

function under(head: string, [key, value]: readonly [string, string]): readonly [string, string] {
  return [`${head} ${key}`, value]
}

function split(line: string): readonly [string, string] {
  const [word = "", ...rest] = line.split(" ")
  return [word, rest.join(" ")]
}
