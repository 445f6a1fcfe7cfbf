import { plural } from "../core/text.ts"
import type { Override } from "../model/override.ts"
import type { Book } from "../plan/override-lag.ts"
import { liftedRecord, mergeRecords, stampAfter } from "../plan/override-records.ts"
import { isInForce } from "../plan/overrides.ts"
import type { AgentAnswer } from "./agents.ts"
import { withContacted } from "./contact.ts"
import { exitCodes } from "./exit.ts"
import { complain, print } from "./output.ts"
import { booksOf, spread } from "./override-books.ts"
import { refuseKeepalived } from "./override-targets.ts"
import type { Definition } from "./pipeline.ts"
import { seenOf } from "./look.ts"
import type { Seen } from "./tables.ts"

/** Directors that were looked at, and a way to tell them something. */
export interface Scene {
  readonly seen: readonly Seen[]
  readonly books: readonly Book[]
  /** Brings overrides to directors, and what they lack otherwise; who did not answer the look tells why. */
  readonly tell: (
    records: readonly Override[],
    directors: ReadonlySet<string>,
  ) => Promise<AgentAnswer[]>
}

/** Looks at directors and does `work` while their connections are open. */
export function onDirectors<T>(
  definition: Definition,
  hosts: ReadonlySet<string>,
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  return withContacted(definition, hosts, true, (contacted, pool) => {
    const seen = seenOf(hosts, contacted)
    const books = booksOf(
      definition.fleet,
      contacted.inputs.map(({ observed }) => observed),
    )
    const tell: Scene["tell"] = async (records, directors) => [
      ...(await spread(records, books, directors, pool)),
      ...silentAnswers(seen, directors),
    ]
    return work({ seen, books, tell })
  })
}

/** Sets an override, dated now, on directors; each answers for itself. */
export function tellDirectors(
  definition: Definition,
  directors: ReadonlySet<string>,
  asked: Omit<Override, "since">,
): Promise<AgentAnswer[]> {
  refuseKeepalived(definition, asked)
  return onDirectors(definition, directors, (scene) => scene.tell([dated(scene, asked)], directors))
}

/** An override as of now, or later than what the directors were told before, whatever their clocks. */
export function dated<T extends Omit<Override, "since">>(
  scene: Scene,
  asked: T,
): T & Pick<Override, "since"> {
  return { ...asked, since: stampAfter(recordsOf(scene), asked, new Date().toISOString()) }
}

/** The record that ends an override as of now, as `dated` tells. */
export function lifted(scene: Scene, override: Override, by: string): Override {
  return liftedRecord(recordsOf(scene), override, by, new Date().toISOString())
}

/** All that the directors were told, also what is over. */
export function recordsOf({ books }: Scene): Override[] {
  return mergeRecords(...books.map(({ records }) => records))
}

/** Those that are in force, by this machine's clock. */
export function standingOverrides(scene: Scene): Override[] {
  const now = new Date().toISOString()
  return recordsOf(scene).filter((record) => isInForce(record, now))
}

/** The answers of directors that could not even be looked at. */
export function silentAnswers(
  seen: readonly Seen[],
  directors: ReadonlySet<string>,
): AgentAnswer[] {
  return seen.flatMap(({ view, error }) =>
    error === undefined || !directors.has(view.host)
      ? []
      : [{ director: view.host, code: undefined, words: error }],
  )
}

/** Says what worked, and by director what did not; the exit code. */
export function conclude(answers: readonly AgentAnswer[], done: readonly string[]): number {
  const failed = answers.filter((answer) => answer.code !== 0)
  for (const answer of failed) complain(`${answer.director}: ${answer.words}`)
  if (failed.length === 0) {
    const [first = "", ...rest] = done
    print([`${first} (${plural(answers.length, "director")})`, ...rest].join("\n"))
    return exitCodes.done
  }
  const names = (some: readonly AgentAnswer[]): string =>
    some.map((answer) => answer.director).join(", ")
  const others = answers.filter((answer) => answer.code === 0)
  complain(
    others.length === 0
      ? `not on ${names(failed)}: run the command again when they answer`
      : `done on ${names(others)}, not on ${names(failed)}: the next apply or command on overrides brings it there`,
  )
  if (failed.some(({ code }) => code === exitCodes.guarded)) return exitCodes.guarded
  return failed.some((answer) => answer.code !== undefined)
    ? exitCodes.failed
    : exitCodes.unreachable
}
