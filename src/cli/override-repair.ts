import { plural } from "../core/text.ts"
import type { Observed } from "../model/observed.ts"
import { lagging, type Book } from "../plan/override-lag.ts"
import type { NodePool } from "../push/node-pool.ts"
import { agentRelease } from "./assets.ts"
import { contact } from "./contact.ts"
import { complain } from "./output.ts"
import { booksOf, peersOf, spread } from "./override-books.ts"
import type { Definition } from "./pipeline.ts"

/** What the directors of a run and their peers were told, and who of the run was told less. */
export interface Repair {
  readonly books: readonly Book[]
  /** Directors of the run that lack something: an agent of this version runs there already, or will once it is installed. */
  readonly now: ReadonlySet<string>
  readonly later: ReadonlySet<string>
}

/** Looks who of these hosts lacks overrides; also asks peers that are no part of the run. Whoever does not answer knows nothing. */
export async function findRepair(
  definition: Definition,
  observed: readonly Observed[],
  pool: NodePool,
): Promise<Repair> {
  const hosts = new Set(observed.map(({ host }) => host))
  const others = [...hosts].flatMap((host) => peersOf(definition.fleet, host))
  const absent = new Set(others.filter((host) => !hosts.has(host)))
  const { inputs } =
    absent.size === 0 ? { inputs: [] } : await contact(definition, absent, pool, () => undefined)
  const books = booksOf(definition.fleet, [...observed, ...inputs.map((input) => input.observed)])
  const behind = [...lagging(books).keys()].filter((host) => hosts.has(host))
  const { id } = agentRelease()
  const runs = (host: string) =>
    observed.some((one) => one.host === host && one.agent?.running && one.agents.includes(id))
  return {
    books,
    now: new Set(behind.filter(runs)),
    later: new Set(behind.filter((host) => !runs(host))),
  }
}

/** Tells these directors what they lack, and says so; whether all took it in. */
export async function repairOverrides(
  { books }: Repair,
  directors: ReadonlySet<string>,
  pool: NodePool,
): Promise<boolean> {
  const behind = lagging(books)
  const answers = await spread([], books, directors, pool)
  for (const { director, code, words } of answers) {
    const count = plural(behind.get(director)?.length ?? 0, "override")
    complain(
      code === 0
        ? `${director}: was told ${count} that its peers have`
        : `${director}: could not be told ${count} that its peers have: ${words}`,
    )
  }
  return answers.every(({ code }) => code === 0)
}
