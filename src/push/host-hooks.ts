import { toFailure } from "../core/failure.ts"
import type { HostRun } from "./host-run.ts"
import type { End, Turn } from "./rollout-context.ts"

/** Runs the user's hook before a host changes; Ctrl-C ends it. @throws Failure when the host must not change. */
export async function hookBefore(
  { planned, transaction }: Turn,
  { input, options, recorder }: HostRun,
): Promise<void> {
  const { before } = input.hooks
  if (before === undefined) return
  const signal = AbortSignal.any([options.stop, options.abort].filter((one) => one !== undefined))
  try {
    await recorder.step(planned.host, "hook", (tell) => before(planned, tell, signal))
  } catch (thrown) {
    await input
      .node(planned.host)
      .discard(transaction)
      .catch(() => undefined)
    throw thrown
  }
}

/** Runs the user's hook after a host's step, however it ended; leaving at once ends it. */
export async function hookAfter(
  { planned }: Turn,
  end: End,
  { input, options, recorder }: HostRun,
): Promise<void> {
  const { after } = input.hooks
  if (after === undefined) return
  const { host } = planned
  const tell = (detail: string) =>
    recorder.emit({ type: "step", host, step: "hook", state: "start", detail })
  const signal = AbortSignal.any(options.abort === undefined ? [] : [options.abort])
  try {
    await after(planned, end, tell, signal)
    recorder.emit({ type: "step", host, step: "hook", state: "done" })
  } catch (thrown) {
    const { message, hint } = toFailure(thrown, host)
    recorder.emit({ type: "notice", host, message, ...(hint === undefined ? {} : { hint }) })
  }
}
