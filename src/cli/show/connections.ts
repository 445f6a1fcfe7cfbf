import type { ConnectionList } from "../../model/ipvs-connection.ts"
import { askAgents } from "../agents.ts"
import type { Definition } from "../pipeline.ts"
import type { Shown } from "./subject.ts"
import { report } from "./words.ts"

/** Which connections of how many. */
export interface ConnectionFlags {
  readonly vip?: string
  readonly server?: string
  readonly client?: string
  readonly number: string
}

/** A table of a million entries takes some seconds to read. */
const answerMs = 60_000

/** What directors hold in their connection tables; `failed` names those that could not tell. */
export async function connectionsShown(
  definition: Definition,
  directors: readonly string[],
  { vip, server, client, number }: ConnectionFlags,
): Promise<Shown & { readonly failed: readonly string[] }> {
  const filters = Object.entries({ vip, server, client, limit: number })
  const words = filters.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  )
  const answers = await askAgents(definition, directors, ["connections", ...words], answerMs)
  const lists = answers.flatMap(({ director, code, words: said }) =>
    code === 0 ? [{ director, ...(JSON.parse(said) as ConnectionList) }] : [],
  )
  return {
    json: lists,
    text: [connectionTable(lists), ...lists.flatMap(more)].join("\n"),
    failed: answers.flatMap(({ director, code, words: said }) =>
      code === 0 ? [] : [`${director}: ${said}`],
    ),
  }
}

function connectionTable(
  lists: readonly (ConnectionList & { readonly director: string })[],
): string {
  return report([
    ["DIRECTOR", "PROTO", "CLIENT", "VIP", "SERVER", "STATE", "EXPIRES"],
    ...lists.flatMap(({ director, connections }) =>
      connections.map((entry) => [
        director,
        entry.protocol,
        entry.client,
        entry.vip,
        entry.server,
        entry.state,
        `${entry.expiresSeconds}s`,
      ]),
    ),
  ])
}

function more({
  director,
  connections,
  matching,
}: ConnectionList & { readonly director: string }): string[] {
  const left = matching - connections.length
  return left > 0 ? [`${director}: ${left} more of ${matching}; --number lists more`] : []
}
