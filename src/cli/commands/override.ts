import type { Inventories } from "../inventories.ts"
import { operatorAtHost } from "../operator.ts"
import { Failure } from "../../core/failure.ts"
import { nearest, plural } from "../../core/text.ts"
import { askAgents, type AgentAnswer } from "../agents.ts"
import { allowedGuards } from "../apply-options.ts"
import { durationOption } from "../duration-option.ts"
import { exitCodes } from "../exit.ts"
import { awaitIdle } from "../idle.ts"
import { guardLastServer } from "../last-server.ts"
import type { KeyFlags } from "../keys.ts"
import { look } from "../look.ts"
import { complain, print } from "../output.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"

/** The agent starts, writes to disk and kernel, and answers well within this. */
const answerMs = 30_000

/** `lbctl drain HOST[:SERVICE]`: on every director that balances to the host. */
export async function drain(
  target: string,
  inventory: Inventories,
  options: KeyFlags & { reason?: string; wait?: string; allow?: string },
): Promise<number> {
  const allowed = allowedGuards(options.allow)
  const waitMs = options.wait === undefined ? 0 : durationOption("--wait", options.wait, "90s, 5m")
  const definition = await readDefinition(inventory, options)
  if (!definition.ok) return refuse(definition.error, "text")
  const directors = directorsOf(definition.value, target)
  await guardLastServer(definition.value, new Set(directors), [target], allowed)
  const reason = options.reason === undefined ? [] : ["--reason", options.reason]
  const answers = await askAgents(
    definition.value,
    directors,
    ["drain", target, "--by", operatorAtHost(), ...reason],
    answerMs,
  )
  const code = report(
    answers,
    `${target} is drained: it keeps its connections and gets no new ones`,
    `until: lbctl resume ${target}`,
  )
  if (code !== exitCodes.done || waitMs === 0) return code
  const left = await awaitIdle(definition.value, new Set(directors), target, waitMs)
  if (left.length === 0) {
    print(`${target} has no connections left`)
    return exitCodes.done
  }
  for (const line of left) complain(line)
  return exitCodes.failed
}

/**
 * `lbctl resume HOST[:SERVICE]`: on every director that has it drained, which may be for a host that has left the
 * definition since.
 */
export async function resume(
  target: string,
  inventory: Inventories,
  keys: KeyFlags,
): Promise<number> {
  const read = await readDefinition(inventory, keys)
  if (!read.ok) return refuse(read.error, "text")
  const definition = read.value
  const everyDirector = definition.views.flatMap((view) =>
    view.director === undefined ? [] : [view.host],
  )
  const seen = await look(definition, new Set(everyDirector), true)
  const [host] = target.split(":")
  const drained = seen
    .filter(({ observed }) => observed?.agent?.overrides.some((item) => item.host === host))
    .map(({ view }) => view.host)
  if (drained.length === 0 && seen.every(({ error }) => error === undefined)) {
    directorsOf(definition, target)
    print(`${target} is not drained`)
    return exitCodes.done
  }
  const answers = await askAgents(definition, drained, ["resume", target], answerMs)
  const silent = seen.flatMap(({ view, error }): AgentAnswer[] =>
    error === undefined ? [] : [{ director: view.host, code: undefined, words: error }],
  )
  return report(
    [...answers, ...silent],
    `${target} gets new connections again, once its checks pass`,
    "",
  )
}

/** Directors whose services have the host as a real server. @throws Failure `input` when there is no such target. */
function directorsOf(definition: Definition, target: string): string[] {
  const [host = "", service] = target.split(":")
  const services = definition.fleet.services.filter((item) =>
    item.backends.some((backend) => backend.host === host),
  )
  if (services.length === 0) {
    const known = [
      ...new Set(
        definition.fleet.services.flatMap((item) => item.backends.map((backend) => backend.host)),
      ),
    ]
    throw new Failure("input", `${host} is no real server of any service`, {
      hint: suggestion(host, known),
    })
  }
  const meant = services.filter((item) => service === undefined || item.name === service)
  if (meant.length === 0) {
    const known = services.map((item) => item.name)
    throw new Failure("input", `${host} does not serve ${service ?? ""}`, {
      hint: suggestion(service ?? "", known),
    })
  }
  const clusters = new Set(meant.map((item) => item.cluster))
  return [
    ...new Set(
      definition.fleet.clusters
        .filter((cluster) => clusters.has(cluster.name))
        .flatMap((cluster) => cluster.directors.map((director) => director.host)),
    ),
  ]
}

function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`
}

/** Says what worked, and by director what did not. */
function report(answers: readonly AgentAnswer[], done: string, next: string): number {
  const failed = answers.filter((answer) => answer.code !== 0)
  for (const answer of failed) complain(`${answer.director}: ${answer.words}`)
  if (failed.length === 0) {
    print(`${done} (${plural(answers.length, "director")})`)
    if (next !== "") print(next)
    return exitCodes.done
  }
  const names = (some: readonly AgentAnswer[]): string =>
    some.map((answer) => answer.director).join(", ")
  const others = answers.filter((answer) => answer.code === 0)
  complain(
    `${others.length === 0 ? "" : `done on ${names(others)}, `}not on ${names(failed)}: run the command again when they answer`,
  )
  return failed.some((answer) => answer.code !== undefined)
    ? exitCodes.failed
    : exitCodes.unreachable
}
