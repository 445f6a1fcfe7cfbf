import { compareText } from "../core/text.ts"
import type { KeepalivedVrrp } from "../model/keepalived.ts"

/** What changes of that which keepalived alone does for a VRRP instance, in the words of keepalived.conf(5). */
export function keepalivedWords(
  before: KeepalivedVrrp | undefined,
  after: KeepalivedVrrp | undefined,
): string[] {
  const [old, now] = [settings(before), settings(after)]
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

/** Each setting by what tells it apart from others. */
function settings(words: KeepalivedVrrp | undefined): ReadonlyMap<string, string> {
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
