/** An object without the fields that are undefined. */
export type Given<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> }

/** The fields that have a value: an absent key and one that is undefined are not the same to the types of the model. */
export function given<T extends object>(fields: T): Given<T> {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined)
  // Only fields of T are left, each with its own value.
  return Object.fromEntries(there) as Given<T>
}
