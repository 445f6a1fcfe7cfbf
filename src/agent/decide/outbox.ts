import type { StateChange } from "../../model/state-change.ts"

/** What one channel has to tell; times in milliseconds. */
export interface Outbox {
  readonly pending: readonly StateChange[]
  /** Changes that there was no room for: the oldest. */
  readonly omitted: number
  readonly nextMs: number
  readonly busy: boolean
}

/** More than this is told as a number. */
export const mostPending = 100

export const emptyOutbox: Outbox = { pending: [], omitted: 0, nextMs: 0, busy: false }

/** With changes to tell. */
export function posted(outbox: Outbox, changes: readonly StateChange[]): Outbox {
  return bounded({ ...outbox, pending: [...outbox.pending, ...changes] })
}

/** What is to be sent now, as one notification: nothing while one is under way or the last was not long enough ago. */
export function due(
  outbox: Outbox,
  nowMs: number,
  minIntervalMs: number,
): { readonly outbox: Outbox; readonly batch?: Pick<Outbox, "pending" | "omitted"> } {
  const { pending, omitted, nextMs, busy } = outbox
  if (busy || pending.length === 0 || nowMs < nextMs) return { outbox }
  return {
    outbox: { pending: [], omitted: 0, nextMs: nowMs + minIntervalMs, busy: true },
    batch: { pending, omitted },
  }
}

/** After an attempt: what could not be sent waits for the next, before what came since; no sooner than `pauseMs` from now. */
export function ended(
  outbox: Outbox,
  failed: Pick<Outbox, "pending" | "omitted"> | undefined,
  nowMs: number,
  pauseMs: number,
): Outbox {
  if (failed === undefined) return { ...outbox, busy: false }
  return bounded({
    pending: [...failed.pending, ...outbox.pending],
    omitted: failed.omitted + outbox.omitted,
    nextMs: Math.max(outbox.nextMs, nowMs + pauseMs),
    busy: false,
  })
}

function bounded(outbox: Outbox): Outbox {
  const over = Math.max(0, outbox.pending.length - mostPending)
  return { ...outbox, pending: outbox.pending.slice(over), omitted: outbox.omitted + over }
}
