/** An item, and when it is due. */
export interface Entry<T> {
  readonly dueMs: number
  readonly item: T
}

/** Items by the time they are due: a binary heap. */
export class DueQueue<T> {
  readonly #heap: Entry<T>[] = []

  get size(): number {
    return this.#heap.length
  }

  /** When the first item is due. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.dueMs
  }

  push(dueMs: number, item: T): void {
    this.#heap.push({ dueMs, item })
    let index = this.#heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#due(parent) <= this.#due(index)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  /** Takes the first item out when it is due. */
  pop(nowMs: number): Entry<T> | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.dueMs > nowMs) return undefined
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink()
    }
    return first
  }

  #sink(): void {
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const least = this.#due(left + 1) < this.#due(left) ? left + 1 : left
      if (this.#due(least) >= this.#due(index)) return
      this.#swap(index, least)
      index = least
    }
  }

  #due(index: number): number {
    return this.#heap[index]?.dueMs ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return
    this.#heap[a] = other
    this.#heap[b] = one
  }
}
