import type { Override } from "../model/override.ts"
import type { Observed } from "../model/observed.ts"
import type { Fleet } from "../model/fleet.ts"
import type { NodePool } from "../push/node-pool.ts"
import type { Book } from "../plan/override-lag.ts"
import { knownTo } from "../plan/override-lag.ts"
import { mergeRecords, missingRecords } from "../plan/override-records.ts"
import { askAgent, type AgentAnswer } from "./agents.ts"

/** The agent starts, writes to disk and kernel, and answers well within this. */
const answerMs = 30_000
/** So many records fit into one command line with ease (MAX_ARG_STRLEN is 128 KiB, execve(2)). */
const atOnce = 100

/** What the directors among these hosts were told, as they say. */
export function booksOf(fleet: Fleet, observed: readonly Observed[]): Book[] {
  return observed.flatMap(({ host, agent }) => {
    const peers = peersOf(fleet, host)
    if (peers.length === 0) return []
    const records = [...(agent?.overrides ?? []), ...(agent?.pastOverrides ?? [])]
    return [{ director: host, peers, records }]
  })
}

/** The directors of a director's clusters, itself included; of another host: none. */
export function peersOf(fleet: Fleet, host: string): string[] {
  const own = fleet.clusters.filter(({ directors }) => directors.some((one) => one.host === host))
  return [...new Set(own.flatMap(({ directors }) => directors.map((one) => one.host)))]
}

/**
 * Brings directors to what they and their peers were told, and to `news`; who lacks nothing is not asked.
 * Each answers for itself.
 */
export async function spread(
  news: readonly Override[],
  books: readonly Book[],
  directors: ReadonlySet<string>,
  pool: NodePool,
): Promise<AgentAnswer[]> {
  const fresh = new Set(news)
  const tasks = books
    .filter(({ director }) => directors.has(director))
    .map((book) => ({
      director: book.director,
      missing: missingRecords(book.records, mergeRecords(knownTo(book, books), news)),
    }))
  return Promise.all(
    tasks.map(async ({ director, missing }) => {
      const ordered = missing.filter((record) => fresh.has(record))
      const answer = await tell(director, "tell-overrides", ordered, pool)
      if (answer.code !== 0) return answer
      const known = missing.filter((record) => !fresh.has(record))
      return tell(director, "merge-overrides", known, pool)
    }),
  )
}

/** Access rules are for what is ordered now: what a peer took in was granted there. */
type TellingCommand = "tell-overrides" | "merge-overrides"

async function tell(
  director: string,
  command: TellingCommand,
  records: readonly Override[],
  pool: NodePool,
): Promise<AgentAnswer> {
  let answer: AgentAnswer = { director, code: 0, words: "" }
  for (let start = 0; start < records.length && answer.code === 0; start += atOnce) {
    const words = [command, JSON.stringify(records.slice(start, start + atOnce))]
    answer = await askAgent(pool, director, words, answerMs)
  }
  return answer
}
