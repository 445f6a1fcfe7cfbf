import { Script, createContext } from "node:vm"
import type { Pattern } from "../../model/check.ts"

/** An expression with many ways to match can take years: it may hold up the other checks this long. */
const patienceMs = 50

const place: { pattern: RegExp; text: string } = { pattern: /$/, text: "" }
const context = createContext(place)
const search = new Script("pattern.test(text)")
const compiled = new Map<string, RegExp>()

/** Whether the pattern is found in the text; undefined when that takes too long to say. Only a script can be interrupted, hence the context. */
export function searchText(pattern: Pattern, text: string): boolean | undefined {
  place.pattern = expression(pattern)
  place.text = text
  try {
    return Boolean(search.runInContext(context, { timeout: patienceMs }))
  } catch {
    return undefined
  }
}

function expression({ source, flags }: Pattern): RegExp {
  const name = `${flags}/${source}`
  const known = compiled.get(name)
  if (known !== undefined) return known
  const made = new RegExp(source, flags)
  compiled.set(name, made)
  return made
}
