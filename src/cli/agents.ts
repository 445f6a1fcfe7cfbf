import { toFailure } from "../core/failure.ts"
import { agentRelease } from "./assets.ts"
import type { NodePool } from "../push/node-pool.ts"
import { withPool } from "./pool.ts"
import type { Definition } from "./pipeline.ts"

/** What the agent of one director answered; `code` undefined: the director could not be asked. */
export interface AgentAnswer {
  readonly director: string
  readonly code: number | undefined
  /** The agent's own words. */
  readonly words: string
}

/** Asks the agents of several directors the same thing; each answers for itself. */
export function askAgents(
  definition: Definition,
  directors: readonly string[],
  words: readonly string[],
  timeoutMs: number,
): Promise<AgentAnswer[]> {
  return withPool(definition.fleet, (pool) =>
    Promise.all(directors.map((director) => askAgent(pool, director, words, timeoutMs))),
  )
}

/** Asks the agent of one director. */
export async function askAgent(
  pool: NodePool,
  director: string,
  words: readonly string[],
  timeoutMs: number,
): Promise<AgentAnswer> {
  try {
    const { id } = agentRelease()
    const { code, stdout, stderr } = await pool.node(director).agent(id, words, timeoutMs)
    const said = code === notInstalled ? missing : stderr.trim() || stdout.trim()
    return { director, code, words: said }
  } catch (thrown) {
    return { director, code: undefined, words: toFailure(thrown, director).message }
  }
}

/** The shell's exit code for a command that is not there (POSIX, 2.8.2). */
const notInstalled = 127
const missing =
  "this version of lbagent is not installed there: run lbctl apply, or lbctl agent install"
