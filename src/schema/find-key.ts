import { nearest } from "../core/text.ts"
import type { KeyEntry } from "./reference.ts"

/**
 * The entries that a key names: a whole path, as written in the reference or in a document of the user's
 * (`clusters.tokyo.vrrp.advert_int`, `services.web.backends[0].weight`), or the end of one (`advert_int`).
 */
export function findKeys<T extends KeyEntry>(entries: readonly T[], asked: string): T[] {
  const wanted = segmentsOf(asked)
  const named = entries.filter(({ key }) => endsWith(segmentsOf(key), wanted))
  const whole = named.filter(({ key }) => segmentsOf(key).length === wanted.length)
  return whole.length > 0 ? whole : named
}

/** The key that was probably meant, when there is none of that name. */
export function likelyKey(entries: readonly KeyEntry[], asked: string): string | undefined {
  const last = segmentsOf(asked).at(-1) ?? ""
  const names = entries.map(({ key }) => segmentsOf(key).at(-1) ?? "")
  return nearest(last, [...new Set(names)])
}

/** The keys right below one, by their names. */
export function namesBelow(entries: readonly KeyEntry[], { key }: KeyEntry): string[] {
  const above = segmentsOf(key)
  const below = entries.flatMap((entry) => {
    if (!entry.key.startsWith(key) || entry.key === key) return []
    const segments = segmentsOf(entry.key)
    const rest = segments.slice(above.length).filter((segment) => segment !== ownName)
    return rest.length === 1 ? rest : []
  })
  return [...new Set(below)]
}

/** Stands for a name of the user's. */
const ownName = "NAME"

/** The names on the way to a key, without what tells kinds and items apart. */
function segmentsOf(key: string): string[] {
  return key
    .replaceAll(/ \([^)]*\)/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .split(".")
    .filter((segment) => segment !== "")
}

function endsWith(segments: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0 || wanted.length > segments.length) return false
  const end = segments.slice(-wanted.length)
  return end.every((segment, index) => {
    const isLast = index === end.length - 1
    return segment === wanted[index] || (segment === ownName && !isLast)
  })
}
