import { toFailure, type FailureCode } from "../core/failure.ts"
import { limit } from "./limit.ts"
import type { Node } from "./node.ts"

/** What each host answered, and why others did not; no host's failure touches another's answer. */
export interface Answers<T> {
  readonly answers: ReadonlyMap<string, T>
  readonly failures: readonly {
    readonly host: string
    readonly code: FailureCode
    readonly message: string
    readonly hint?: string
  }[]
}

/** Asks many hosts the same, `parallel` at once; answers and failures come in the order of `hosts`. */
export async function askAll<T>(
  hosts: Iterable<string>,
  node: (host: string) => Node,
  parallel: number,
  ask: (node: Node) => Promise<T>,
): Promise<Answers<T>> {
  const atOnce = limit(parallel)
  const all = [...hosts]
  const results = await Promise.allSettled(all.map((host) => atOnce(() => ask(node(host)))))
  const answers = new Map<string, T>()
  const failures: Answers<T>["failures"][number][] = []
  results.forEach((result, index) => {
    const host = all[index] ?? ""
    if (result.status === "fulfilled") answers.set(host, result.value)
    else {
      const { code, message, hint } = toFailure(result.reason, host)
      failures.push({ host, code, message, ...(hint === undefined ? {} : { hint }) })
    }
  })
  return { answers, failures }
}
