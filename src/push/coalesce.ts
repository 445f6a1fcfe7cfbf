/**
 * One answer for many askers: what is asked while a question is under way waits and is asked together, next.
 * @param ask answers for all keys of one question; its failure is the failure of all who asked it.
 */
export function coalesce<T>(
  ask: (keys: readonly string[]) => Promise<T>,
): (keys: readonly string[]) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve()
  let next: { readonly keys: Set<string>; readonly answer: Promise<T> } | undefined
  return (keys) => {
    if (next === undefined) {
      const gathered = new Set<string>()
      const answer = before.then(() => {
        next = undefined
        return ask([...gathered])
      })
      before = answer.catch(() => undefined)
      next = { keys: gathered, answer }
    }
    for (const key of keys) next.keys.add(key)
    return next.answer
  }
}
