import { toFailure } from "../core/failure.ts"
import { agentRelease } from "./assets.ts"
import { openPool } from "./contact.ts"
import type { Definition } from "./pipeline.ts"

/** What the agent of one director answered; `code` undefined: the director could not be asked. */
export interface AgentAnswer {
  readonly director: string
  readonly code: number | undefined
  /** The agent's own words. */
  readonly words: string
  readonly stdout: string
}

/** Asks the agents of several directors the same thing; each answers for itself. */
export async function askAgents(
  definition: Definition,
  directors: readonly string[],
  words: readonly string[],
  timeoutMs: number,
): Promise<AgentAnswer[]> {
  const pool = openPool(definition.fleet)
  const { id } = agentRelease()
  const ask = async (director: string): Promise<AgentAnswer> => {
    try {
      const { code, stdout, stderr } = await pool.node(director).agent(id, words, timeoutMs)
      return { director, code, stdout, words: stderr.trim() || stdout.trim() }
    } catch (thrown) {
      return { director, code: undefined, stdout: "", words: toFailure(thrown, director).message }
    }
  }
  try {
    return await Promise.all(directors.map(ask))
  } finally {
    pool.close()
  }
}
