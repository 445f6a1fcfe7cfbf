import { toFailure } from "../core/failure.ts"
import { err, ok, type Result } from "../core/result.ts"
import { parseNeighbours, type NeighbourAnswer } from "./neighbours.ts"
import type { Node } from "./node.ts"

/** Patience with an agent that asks a segment and listens for a second, on a busy host. */
const patienceMs = 30_000

/** Has a director's agent ask a segment who has these addresses: who answered for each, or why that is not known. Never rejects. */
export async function askNeighbours(
  node: Pick<Node, "agent">,
  agent: string,
  device: string,
  addresses: readonly string[],
): Promise<Result<readonly NeighbourAnswer[], string>> {
  try {
    const asked = await node.agent(agent, ["arp", device, ...addresses], patienceMs)
    const answers = asked.code === 0 ? parseNeighbours(asked.stdout) : undefined
    return answers === undefined ? err(asked.stderr.trim().split("\n").at(-1) ?? "") : ok(answers)
  } catch (thrown) {
    return err(toFailure(thrown).message)
  }
}
