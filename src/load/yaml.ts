import {
  constructFromEvents,
  CORE_SCHEMA,
  defineScalarTag,
  EVENT_ID,
  getScalarValue,
  mergeTag,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from "js-yaml"
import type { Event } from "js-yaml"
import type { Problem, SourceRef } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import type { Document, DocumentPath } from "../schema/documents.ts"
import { lineFinder } from "./line-finder.ts"
import { syntaxHint } from "./yaml-hints.ts"
import { outline } from "./yaml-outline.ts"
import type { Complaint, Place, YamlToken } from "./yaml-outline.ts"
import { ambiguity } from "./yaml-scalar.ts"
import { scalarTags, Tagged } from "./yaml-tags.ts"

const schema = CORE_SCHEMA.withTags(
  mergeTag,
  ...Object.entries(scalarTags).map(([name, tag]) =>
    defineScalarTag(name, { resolve: (text) => new Tagged(tag, text), identify: () => false }),
  ),
)

const severalDocuments = {
  rule: "yaml-syntax",
  message: "a second YAML document begins here",
  hint: "write one document a file: take the --- line out, or move the rest to a file of its own",
}

/** Longest plain scalar that two YAML versions can read differently and somebody would write. */
const longestAmbiguous = 40

/**
 * A YAML 1.2 (or JSON) text with merge keys as a document. An empty text is a document with the value null.
 * `file` is the name that problems carry. Places are worked out when first asked for.
 * Scalars tagged `!vault` and `!env` are values of the class Tagged.
 * Problems: yaml-syntax, yaml-ambiguous, yaml-duplicate-key, yaml-tag, yaml-alias, yaml-key, yaml-size.
 */
export function parseYaml(text: string, file: string): Result<Document, Problem[]> {
  const { document, problems } = readYaml(text, file)
  return document !== undefined && problems.length === 0 ? ok(document) : err(problems)
}

/** What a text gave: beside ambiguous scalars there is a document still, to look for more mistakes in. */
export interface YamlReading {
  readonly document?: Document
  readonly problems: Problem[]
}

/** Like `parseYaml`, with the document where the only problems are ambiguous scalars. */
export function readYaml(text: string, file: string): YamlReading {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text
  const find = lineFinder(source)
  const place = (offset: number): SourceRef => ({ file, ...find(offset) })
  let events: Event[]
  try {
    events = parseEvents(source, {})
  } catch (thrown) {
    return { problems: [syntaxProblem(thrown, place)] }
  }
  const problems = ambiguousScalars(source, events, place)
  const second = secondDocument(events)
  if (second !== undefined) problems.push({ ...severalDocuments, at: place(second) })
  const hasAliases = events.some((event) => event.type === EVENT_ID.ALIAS)
  const early = hasAliases ? outline(tokens(source, events)) : undefined
  if (early !== undefined) problems.push(...located(early.complaints, place))
  if (problems.some((problem) => problem.rule !== "yaml-ambiguous")) return { problems }
  try {
    const [value = null] = constructFromEvents(events, { source, schema, maxTotalMergeKeys: -1 })
    const build = (): Place | undefined => (early ?? outline(tokens(source, events))).root
    return { document: toDocument(file, value, place, build), problems }
  } catch (thrown) {
    const found = located(outline(tokens(source, events)).complaints, place)
    return {
      problems: [...problems, ...(found.length > 0 ? found : [syntaxProblem(thrown, place)])],
    }
  }
}

function toDocument(
  file: string,
  value: unknown,
  place: (offset: number) => SourceRef,
  build: () => Place | undefined,
): Document {
  let root: Place | undefined
  const walk = (path: DocumentPath): { at: number; keyAt: number; complete: boolean } => {
    root ??= build() ?? { at: 0 }
    let here = root
    let keyAt = root.at
    for (const step of path) {
      const entry = here.entries?.get(String(step))
      const item = typeof step === "number" ? here.items?.[step] : undefined
      const next = entry?.place ?? item
      if (next === undefined) return { at: here.at, keyAt, complete: false }
      keyAt = entry?.keyAt ?? next.at
      here = next
    }
    return { at: here.at, keyAt, complete: true }
  }
  return {
    file,
    value,
    locate: (path) => place(walk(path).at),
    locateKey: (path) => {
      const found = walk(path)
      return place(found.complete ? found.keyAt : found.at)
    },
  }
}

function* tokens(source: string, events: readonly Event[]): Generator<YamlToken> {
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        break
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        const shape = event.type === EVENT_ID.MAPPING ? "map" : "list"
        yield { kind: "open", shape, at: event.start, ...properties(source, event) }
        break
      }
      case EVENT_ID.SCALAR: {
        const quoted =
          event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
        const at = event.valueStart < 0 ? undefined : event.valueStart - (quoted ? 1 : 0)
        const plain = event.style === SCALAR_STYLE.PLAIN
        const text = getScalarValue(source, event)
        yield { kind: "scalar", at, text, plain, ...properties(source, event) }
        break
      }
      case EVENT_ID.ALIAS: {
        const name = source.slice(event.anchorStart, event.anchorEnd)
        yield { kind: "alias", at: event.anchorStart - 1, name }
        break
      }
      case EVENT_ID.POP:
        // The last one closes the document itself, when nothing is open any more.
        yield { kind: "close" }
        break
    }
  }
}

function properties(
  source: string,
  event: { anchorStart: number; anchorEnd: number; tagStart: number; tagEnd: number },
): { anchor?: string; tag?: string } {
  return {
    ...(event.anchorStart < 0 ? {} : { anchor: source.slice(event.anchorStart, event.anchorEnd) }),
    ...(event.tagStart < 0 ? {} : { tag: source.slice(event.tagStart, event.tagEnd) }),
  }
}

function located(
  complaints: readonly Complaint[],
  place: (offset: number) => SourceRef,
): Problem[] {
  return complaints.map((complaint) => ({ ...complaint, at: place(complaint.at) }))
}

function ambiguousScalars(
  source: string,
  events: readonly Event[],
  place: (offset: number) => SourceRef,
): Problem[] {
  const problems: Problem[] = []
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) continue
    const length = event.valueEnd - event.valueStart
    if (event.tagStart >= 0 || length === 0 || length > longestAmbiguous) continue
    if (!mayBeAmbiguous(source.charCodeAt(event.valueStart), length)) continue
    const found = ambiguity(source.slice(event.valueStart, event.valueEnd))
    if (found !== undefined)
      problems.push({ rule: "yaml-ambiguous", at: place(event.valueStart), ...found })
  }
  return problems
}

/** A cheap test on the first character, since this runs for every scalar of a big file: signs, dot and digits start numbers, y n o (any case) start words of at most three letters. */
function mayBeAmbiguous(first: number, length: number): boolean {
  if (first >= 0x30 && first <= 0x39) return length > 1
  if (first === 0x2b || first === 0x2d || first === 0x2e) return length > 1
  if (length > 3) return false
  const lower = first | 0x20
  return lower === 0x79 || lower === 0x6e || lower === 0x6f
}

function syntaxProblem(thrown: unknown, place: (offset: number) => SourceRef): Problem {
  if (!(thrown instanceof YAMLException))
    return { rule: "yaml-syntax", message: String(thrown), at: place(0) }
  const hint = syntaxHint(thrown.reason)
  const at = place(thrown.mark?.position ?? 0)
  return {
    rule: "yaml-syntax",
    message: thrown.reason,
    at,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** Offset of what follows a second document's start, when there is one. */
function secondDocument(events: readonly Event[]): number | undefined {
  const first = events.findIndex((event) => event.type === EVENT_ID.DOCUMENT)
  const second = events.findIndex(
    (event, index) => index > first && event.type === EVENT_ID.DOCUMENT,
  )
  if (second < 0) return undefined
  const content = events[second + 1]
  if (content === undefined) return 0
  if ("start" in content) return content.start
  return Math.max(0, "valueStart" in content ? content.valueStart : 0)
}
