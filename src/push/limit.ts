/** Runs a task as soon as fewer than the limit's number of others run; in order of asking. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>

/** At most `size` tasks at once. */
export function limit(size: number): Limit {
  let running = 0
  const waiting: (() => void)[] = []
  return async (task) => {
    if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
