import { formatPlace, type SourceRef } from "../../core/problem.ts"
import { indent, shortened } from "../../core/text.ts"
import { wrap } from "../../core/wrap.ts"

/** One thing that is so, and where somebody wrote it. */
export interface Fact {
  readonly what: string
  /** Undefined: nowhere, it is so by default or follows from the rest. */
  readonly at?: SourceRef
  /** What else to know: the reason, or what it follows from. */
  readonly notes?: readonly string[]
}

/** Facts of one kind. */
export interface Section {
  readonly title: string
  readonly facts: readonly Fact[]
}

const columns = 80
/** Of a longer line the rest is cut: `--json` has it whole. */
const widest = columns - 2

/** Sections for people: what, and below it the place and the notes. Empty ones are left out. */
export function sectionsText(sections: readonly Section[]): string {
  return sections
    .filter(({ facts }) => facts.length > 0)
    .map(({ title, facts }) =>
      [title, ...facts.map((fact) => indent(factText(fact), 2))].join("\n"),
    )
    .join("\n")
}

function factText({ what: whole, at, notes = [] }: Fact): string {
  const what = shortened(whole, widest)
  const below = [
    ...(at === undefined ? [] : [formatPlace(at)]),
    ...notes.flatMap((note) => wrap(note, columns - 6)),
  ]
  const [first, ...rest] = below
  if (first !== undefined && what.length + 2 + first.length <= columns - 2)
    return [`${what}  ${first}`, ...rest.map((line) => `    ${line}`)].join("\n")
  return [what, ...below.map((line) => `    ${line}`)].join("\n")
}
