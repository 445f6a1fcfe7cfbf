import { complain } from "./output.ts"

/** Ctrl-C once: finish or revert what is in flight and start nothing else; twice: leave now. */
export interface InterruptSignals {
  readonly stop: AbortSignal
  readonly abort: AbortSignal
  /** Gives Ctrl-C its usual meaning back. */
  release(): void
}

/** Takes SIGINT, SIGTERM and SIGHUP until released. */
export function interruptSignals(): InterruptSignals {
  const stop = new AbortController()
  const abort = new AbortController()
  const interrupted = (): void => {
    if (stop.signal.aborted) {
      complain("leaving now")
      abort.abort()
    } else {
      complain(
        "stopping: hosts in flight are finished or reverted, no other is started; again to leave now",
      )
      stop.abort()
    }
  }
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  for (const name of names) process.on(name, interrupted)
  return {
    stop: stop.signal,
    abort: abort.signal,
    release() {
      for (const name of names) process.off(name, interrupted)
    },
  }
}
