/** Time for the other side, which stands still while the operator is asked. */
export interface Patience {
  onEnd(listener: () => void): void
  /** Waits for a person; the whole time begins anew after that. */
  during<T>(task: Promise<T>): Promise<T>
  end(): void
}

/** Begins at once. */
export function openPatience(timeoutMs: number): Patience {
  let listener = () => undefined as void
  let over = false
  const start = () => setTimeout(() => listener(), timeoutMs)
  let timer = start()
  return {
    onEnd: (wanted) => (listener = wanted),
    async during(task) {
      clearTimeout(timer)
      try {
        return await task
      } finally {
        if (!over) timer = start()
      }
    },
    end() {
      over = true
      clearTimeout(timer)
    },
  }
}
