/** What has to happen to turn `actual` into `wanted`. */
export interface KeyedDiff<T> {
  readonly add: readonly T[]
  readonly edit: readonly { readonly before: T; readonly after: T }[]
  readonly remove: readonly T[]
}

/** Compares two lists by key; order follows `wanted`, then `actual`. */
export function diffByKey<T>(
  wanted: readonly T[],
  actual: readonly T[],
  key: (item: T) => string,
  same: (a: T, b: T) => boolean,
): KeyedDiff<T> {
  if (actual.length === 0) return { add: wanted, edit: [], remove: [] }
  const have = new Map(actual.map((item) => [key(item), item]))
  const want = new Set(wanted.map(key))
  const add: T[] = []
  const edit: { before: T; after: T }[] = []
  for (const after of wanted) {
    const before = have.get(key(after))
    if (before === undefined) add.push(after)
    else if (!same(before, after)) edit.push({ before, after })
  }
  return { add, edit, remove: actual.filter((item) => !want.has(key(item))) }
}
