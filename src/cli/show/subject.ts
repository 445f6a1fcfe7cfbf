/** What a subject of `show` prints: for people, and the same facts for machines. */
export interface Shown {
  readonly text: string
  readonly json: unknown
}

/**
 * Things by a name that a user typed: the one of that name, else all whose names begin with it; without a name all.
 * `undefined`: there is none.
 */
export function named<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  name: string | undefined,
): readonly T[] | undefined {
  if (name === undefined) return things
  const exact = things.filter((thing) => nameOf(thing) === name)
  if (exact.length > 0) return exact
  const begun = things.filter((thing) => nameOf(thing).startsWith(name))
  return begun.length === 0 ? undefined : begun
}

/** Whether all things have one name: then they are shown in detail. */
export function isOne<T>(things: readonly T[], nameOf: (thing: T) => string): boolean {
  return new Set(things.map(nameOf)).size === 1
}
