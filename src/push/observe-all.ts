import type { Failure } from "../core/failure.ts"
import { toFailure } from "../core/failure.ts"
import type { Event } from "../model/event.ts"
import type { Observed } from "../model/observed.ts"
import type { ObserveRequest } from "../wire/observe-request.ts"
import { failedEvent } from "./failed-event.ts"
import { limit } from "./limit.ts"
import type { Node } from "./node.ts"

/** What many hosts hold, and why others did not say; no host's failure touches another's result. */
export interface ObservedFleet {
  readonly observed: ReadonlyMap<string, Observed>
  readonly failures: ReadonlyMap<string, Failure>
}

/** Looks at many hosts, `parallel` at once; their connections stay open for what follows. */
export async function observeAll(
  requests: ReadonlyMap<string, ObserveRequest>,
  node: (host: string) => Node,
  options: { readonly parallel: number; readonly emit: (event: Event) => void },
): Promise<ObservedFleet> {
  const { emit } = options
  const atOnce = limit(options.parallel)
  const observed = new Map<string, Observed>()
  const failures = new Map<string, Failure>()
  const look = async (host: string, request: ObserveRequest): Promise<void> => {
    const began = performance.now()
    emit({ type: "step", host, step: "observe", state: "start" })
    try {
      observed.set(host, await node(host).observe(request))
      const ms = Math.round(performance.now() - began)
      emit({ type: "step", host, step: "observe", state: "done", ms })
    } catch (thrown) {
      const failure = toFailure(thrown, host)
      failures.set(host, failure)
      emit(failedEvent(host, "observe", failure))
    }
  }
  await Promise.all([...requests].map(([host, request]) => atOnce(() => look(host, request))))
  return { observed, failures }
}
