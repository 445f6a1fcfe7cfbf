import { Failure } from "../../core/failure.ts"
import { nearest } from "../../core/text.ts"
import { askAgents } from "../agents.ts"
import { exitCodes } from "../exit.ts"
import { look } from "../look.ts"
import { complain, print } from "../output.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"
import { confirmed } from "../question.ts"

/** keepalived gives up and the peer takes over within a few adverts; the agent waits for that. */
const handoverMs = 60_000

/** `lbctl failover CLUSTER`: the master hands over to a backup. */
export async function failover(
  name: string,
  inventory: string | undefined,
  options: { yes?: true },
): Promise<number> {
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, false)
  const { clusters } = definition.value.fleet
  const cluster = clusters.find((candidate) => candidate.name === name)
  if (cluster === undefined) {
    const known = clusters.map((candidate) => candidate.name)
    const near = nearest(name, known)
    throw new Failure("input", `there is no cluster ${name}`, {
      hint: near === undefined ? `the clusters are ${known.join(", ")}` : `did you mean ${near}?`,
    })
  }
  const directors = new Set(cluster.directors.map((director) => director.host))
  const master = await masterAmong(definition.value, name, directors)
  const backups = [...directors].filter((host) => host !== master)
  if (
    options.yes !== true &&
    !(await confirmed(`${master} hands ${name} over to ${backups.join(" or ")}.`))
  )
    return exitCodes.failed
  const [answer] = await askAgents(definition.value, [master], ["failover", name], handoverMs)
  if (answer?.code !== 0) {
    complain(`${master}: ${answer?.words ?? "no answer"}`)
    return answer?.code === undefined ? exitCodes.unreachable : exitCodes.failed
  }
  print(`${await masterAmong(definition.value, name, directors)} is master of ${name}`)
  return exitCodes.done
}

/** The one director that holds the instance's anchor. @throws Failure `failed` unless there is exactly one. */
async function masterAmong(
  definition: Definition,
  instance: string,
  hosts: ReadonlySet<string>,
): Promise<string> {
  const states = (await look(definition, hosts, true)).map(({ view, observed, error }) => ({
    host: view.host,
    state:
      error ??
      observed?.agent?.vrrp.find((item) => item.instance === instance)?.state ??
      "no agent",
  }))
  const [only, ...others] = states.filter(({ state }) => state === "MASTER")
  if (only !== undefined && others.length === 0) return only.host
  throw new Failure(
    "failed",
    `${instance} has ${only === undefined ? "no master" : "several masters"}: ${states.map(({ host, state }) => `${host} ${state}`).join(", ")}`,
    { hint: "lbctl show nodes tells more; there must be exactly one before a handover" },
  )
}
