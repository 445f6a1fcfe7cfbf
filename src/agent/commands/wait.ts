import { Failure } from "../../core/failure.ts"
import { askDaemon } from "../client.ts"
import type { AgentStatus } from "../../model/agent-status.ts"
import { ownPaths } from "../paths.ts"
import { pollUntilNone } from "./poll.ts"
import { readSeconds } from "./words.ts"

/** Waits until every real server has been found up or down. */
export async function wait([seconds]: readonly string[]): Promise<number> {
  const timeoutMs = readSeconds(seconds, "wait SECONDS")
  const left = await pollUntilNone(async () => {
    const { body } = await askDaemon(ownPaths().socket, "GET", "/status")
    const status = body as AgentStatus
    return status.health.filter(({ state }) => state === "unknown")
  }, timeoutMs)
  const [first] = left
  if (first === undefined) return 0
  throw new Failure(
    "failed",
    `${left.length} real servers gave no answer yet, among them ${first.server} of ${first.service}`,
  )
}
