import { scalarTags } from "./yaml-tags.ts"

/** A piece of a YAML document in order of appearance; `at` is an offset into the text. */
export type YamlToken =
  | ({ readonly kind: "open"; readonly shape: "map" | "list"; readonly at: number } & Properties)
  | ({
      readonly kind: "scalar"
      /** Undefined when nothing is written, as after `host:`. */
      readonly at: number | undefined
      readonly text: string
      readonly plain: boolean
    } & Properties)
  | { readonly kind: "alias"; readonly at: number; readonly name: string }
  | { readonly kind: "close" }

interface Properties {
  readonly anchor?: string | undefined
  readonly tag?: string | undefined
}

/** Where a value stands, and where the values in it stand. */
export interface Place {
  readonly at: number
  readonly text?: string
  readonly entries?:
    | ReadonlyMap<string, { readonly keyAt: number; readonly place: Place }>
    | undefined
  readonly items?: readonly Place[] | undefined
}

/** What is wrong with a document that the grammar alone lets pass. */
export interface Complaint {
  readonly rule: string
  readonly at: number
  readonly message: string
  readonly hint: string
}

/** Values a document may have once its aliases are followed: far over any inventory, far under what exhausts memory. */
const largestDocument = 5_000_000

const coreTags = /^(?:!|(?:!!|!<tag:yaml\.org,2002:)(?:str|null|bool|int|float|seq|map|merge)>?)$/

interface Entry {
  readonly keyAt: number
  readonly place: Place
}

interface Growing {
  readonly at: number
  readonly anchor: string | undefined
  readonly entries: Map<string, Entry> | undefined
  readonly items: Place[] | undefined
  /** Names that came by a merge key: an own key may still replace them. */
  merged: Set<string> | undefined
  key: { readonly text: string; readonly at: number; readonly merge: boolean } | undefined
  size: number
}

/**
 * Places of all values of one document, merge keys followed, and all that is wrong with its keys,
 * tags and aliases. Merge: yaml.org/type/merge.html (own keys first, then the first source that has the key).
 */
export function outline(tokens: Iterable<YamlToken>): {
  readonly root: Place | undefined
  readonly complaints: readonly Complaint[]
} {
  const builder = new OutlineBuilder()
  for (const token of tokens) builder.take(token)
  return { root: builder.root, complaints: builder.complaints }
}

class OutlineBuilder {
  root: Place | undefined
  readonly complaints: Complaint[] = []
  readonly #open: Growing[] = []
  readonly #anchors = new Map<string, { place: Place; size: number } | "open">()
  #tooLarge = false

  take(token: YamlToken): void {
    switch (token.kind) {
      case "open":
        return this.#begin(token)
      case "close":
        return this.#end()
      case "scalar":
        return this.#scalar(token)
      case "alias":
        return this.#alias(token)
    }
  }

  #begin(token: YamlToken & { kind: "open" }): void {
    this.#checkTag(token.tag, token.at)
    if (token.anchor !== undefined) this.#anchors.set(token.anchor, "open")
    this.#open.push({
      at: token.at,
      anchor: token.anchor,
      entries: token.shape === "map" ? new Map() : undefined,
      items: token.shape === "list" ? [] : undefined,
      merged: undefined,
      key: undefined,
      size: 1,
    })
  }

  #end(): void {
    const done = this.#open.pop()
    if (done === undefined) return
    const { at, entries, items, size, anchor } = done
    const place = { at, entries, items }
    if (anchor !== undefined) this.#anchors.set(anchor, { place, size })
    this.#put(place, size)
  }

  #scalar(token: YamlToken & { kind: "scalar" }): void {
    const parent = this.#open.at(-1)
    const at = token.at ?? parent?.key?.at ?? parent?.at ?? 0
    this.#checkTag(token.tag, at)
    const place = { at, text: token.text }
    if (token.anchor !== undefined) this.#anchors.set(token.anchor, { place, size: 1 })
    const merge = token.plain && token.tag === undefined && token.text === "<<"
    this.#put(place, 1, merge)
  }

  #alias(token: YamlToken & { kind: "alias" }): void {
    const target = this.#anchors.get(token.name)
    if (target === undefined || target === "open") {
      const message =
        target === "open"
          ? `*${token.name} stands inside the value it names`
          : `*${token.name} names no anchor`
      const hint =
        target === "open"
          ? "a value cannot contain itself"
          : `write &${token.name} before the value that is meant, above this line`
      this.#complain("yaml-alias", token.at, message, hint)
      this.#put({ at: token.at }, 1)
      return
    }
    this.#put({ ...target.place, at: token.at }, target.size)
  }

  #put(place: Place, size: number, merge = false): void {
    const parent = this.#open.at(-1)
    if (parent === undefined) {
      this.root = place
      return
    }
    this.#grow(parent, size)
    if (parent.items !== undefined) parent.items.push(place)
    else if (parent.key === undefined) this.#key(parent, place, merge)
    else this.#entry(parent, parent.key, place)
  }

  #key(parent: Growing, place: Place, merge: boolean): void {
    const text = place.text
    if (text === undefined) {
      this.#complain(
        "yaml-key",
        place.at,
        "a key must be a word, not a list or mapping",
        "quote it",
      )
    } else if (parent.entries?.has(text) === true && parent.merged?.has(text) !== true) {
      const hint = "every key may stand once in a mapping: join the two, or rename one"
      this.#complain("yaml-duplicate-key", place.at, `the key ${text} stands here twice`, hint)
    }
    parent.key = { text: text ?? "", at: place.at, merge }
  }

  #entry(parent: Growing, key: { text: string; at: number; merge: boolean }, place: Place): void {
    parent.key = undefined
    parent.entries?.set(key.text, { keyAt: key.at, place })
    if (!key.merge) {
      parent.merged?.delete(key.text)
      return
    }
    parent.merged ??= new Set()
    for (const source of place.items ?? [place])
      for (const [name, entry] of source.entries ?? [])
        if (parent.entries?.has(name) === false) {
          parent.entries.set(name, entry)
          parent.merged.add(name)
        }
  }

  #grow(parent: Growing, size: number): void {
    parent.size += size
    if (parent.size <= largestDocument || this.#tooLarge) return
    this.#tooLarge = true
    const hint = "aliases that hold aliases multiply: write fewer of them"
    this.#complain("yaml-size", parent.at, `this holds over ${largestDocument} values`, hint)
  }

  #checkTag(tag: string | undefined, at: number): void {
    if (tag === undefined || coreTags.test(tag) || Object.hasOwn(scalarTags, tag)) return
    const hint = `leave the tag out; lbctl knows ${Object.keys(scalarTags).join(", ")}`
    this.#complain("yaml-tag", at, `the tag ${tag} is not supported`, hint)
  }

  #complain(rule: string, at: number, message: string, hint: string): void {
    this.complaints.push({ rule, at, message, hint })
  }
}
