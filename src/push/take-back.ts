import { setTimeout as sleep } from "node:timers/promises"

import { Failure, toFailure } from "../core/failure.ts"
import type { Node } from "./node.ts"

/** After its time is over a host needs a moment to play its journal back. */
const graceMs = 5_000

/**
 * Takes an unconfirmed release back, at once where the host can be reached, else by waiting for its revert timer and asking how
 * it ended.
 * @param deadline performance.now() at which the host reverts by itself.
 * @returns Failure `reverted` with the first failure's words.
 * @throws Failure for a host that is not known to be on its old release.
 */
export async function takeBack(
  node: Node,
  transaction: string,
  deadline: number,
  failure: Failure,
  abort: AbortSignal | undefined,
): Promise<Failure> {
  try {
    return await revertOnce(node, transaction, failure)
  } catch (thrown) {
    if (toFailure(thrown).code !== "unreachable") throw thrown
    const rest = Math.max(0, deadline + graceMs - performance.now())
    await sleep(rest, undefined, abort === undefined ? {} : { signal: abort }).catch(
      () => undefined,
    )
    if (abort?.aborted === true) throw thrown
    return revertOnce(node, transaction, failure)
  }
}

async function revertOnce(node: Node, transaction: string, failure: Failure): Promise<Failure> {
  const { host } = node
  const how = await node.revert(transaction).catch((thrown: unknown) => {
    const why = toFailure(thrown, host)
    if (why.code !== "unreachable") throw why
    throw new Failure("unreachable", `${failure.message}; and the host cannot be reached`, {
      host,
      cause: why,
      hint: "it reverts by itself; the next plan tells how it ended",
    })
  })
  if (how === "confirmed") {
    throw new Failure("failed", `${failure.message}; the release was confirmed before`, { host })
  }
  const hint = failure.hint ?? "the host is on its old release"
  return new Failure("reverted", failure.message, { host, cause: failure, hint })
}
