import { instantOf } from "../../core/instant.ts"
import { existsSync } from "node:fs"
import { Failure } from "../../core/failure.ts"
import { suggestion } from "../../core/suggestion.ts"
import { packageVersion } from "../assets.ts"
import { unmanagedServers } from "../../model/unmanaged.ts"
import { withChosen, type ChoiceFlags } from "../chosen.ts"
import { exitCodes } from "../exit.ts"
import { inventoriesOf, type Inventories, type InventoryFlags } from "../inventories.ts"
import { look } from "../look.ts"
import { complain, print, printJson } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { backendShown, destinationsShown, healthchecksShown } from "../show/backends.ts"
import { connectionsShown, type ConnectionFlags } from "../show/connections.ts"
import { serviceFacts } from "../show/facts.ts"
import { haDetail, haFacts, haShown } from "../show/ha.ts"
import { configShown, versionShown, vlansShown, warningsShown } from "../show/hosts.ts"
import { overrideRows, overridesShown } from "../show/overrides.ts"
import { nodeShown, nodesShown } from "../show/nodes.ts"
import { isOne, named, type Shown } from "../show/subject.ts"
import { vserverShown, vserversShown } from "../show/vservers.ts"
import { backendRows, backendsTable, overrideLines, silentDirectors, type Seen } from "../tables.ts"

/** What can be shown of hosts. */
const subjects = [
  "nodes",
  "vservers",
  "backends",
  "destinations",
  "ha",
  "vlans",
  "healthchecks",
  "overrides",
  "warnings",
  "config",
  "version",
] as const
export type Subject = (typeof subjects)[number]

export interface ShowFlags extends ChoiceFlags {
  readonly cluster?: string
}

/** Who is asked: directors alone, or every host. */
const ofAllHosts: readonly Subject[] = ["nodes", "warnings", "config", "version"]

/** `lbctl show SUBJECT [NAME] [INVENTORY]`: what runs now, as a table or as JSON; one thing in detail. */
export async function show(
  subject: Subject,
  words: readonly (string | undefined)[],
  flags: ShowFlags & InventoryFlags,
): Promise<number> {
  const [name, inventory] = nameAndInventory(words)
  const json = flags.json === true
  return withChosen(inventoriesOf(inventory, flags), flags, async (definition, chosen) => {
    const inCluster = clusterHosts(definition, flags.cluster)
    const hosts = new Set([...chosen].filter((host) => inCluster?.has(host) ?? true))
    const all = ofAllHosts.includes(subject)
    const looked = await look(definition, all ? hosts : directorsAmong(definition, hosts), json)
    const seen = subject === "nodes" ? [...looked, ...unseen(definition, hosts)] : looked
    if (!all) silentDirectors(seen).forEach(complain)
    const shown = shownOf(subject, name, seen, { definition, cluster: flags.cluster })
    if (json) printJson(shown.json)
    else print(shown.text)
    return seen.some((host) => host.error !== undefined) ? exitCodes.unreachable : exitCodes.done
  })
}

/** Real servers that lbctl does not look at. */
function unseen({ fleet }: Definition, hosts: ReadonlySet<string>): Seen[] {
  return unmanagedServers(fleet)
    .filter(({ name }) => hosts.has(name))
    .map(({ name: host, addresses, groups, vars }) => ({
      view: { host, addresses, groups, vars },
      unmanaged: true,
    }))
}

/** `lbctl show connections`: of the chosen directors. */
export async function showConnections(
  inventory: Inventories,
  flags: ShowFlags & ConnectionFlags,
): Promise<number> {
  return withChosen(inventory, flags, async (definition, chosen) => {
    const hosts = [...chosenDirectors(definition, chosen, flags.cluster)]
    const shown = await connectionsShown(definition, hosts, flags)
    if (flags.json === true) printJson(shown.json)
    else print(shown.text)
    for (const line of shown.failed) complain(line)
    return shown.failed.length > 0 ? exitCodes.failed : exitCodes.done
  })
}

/** Of two words the first is a name. One alone is the inventory when it is a path: there is such a file, or it has a slash. */
function nameAndInventory([first, second]: readonly (string | undefined)[]): [
  string | undefined,
  string | undefined,
] {
  if (first === undefined || second !== undefined) return [first, second]
  return first.includes("/") || existsSync(first) ? [undefined, first] : [first, undefined]
}

interface Scene {
  readonly definition: Definition
  readonly cluster: string | undefined
}

function shownOf(
  subject: Subject,
  name: string | undefined,
  seen: readonly Seen[],
  { definition, cluster }: Scene,
): Shown {
  const nowMs = Date.now()
  const facts = () =>
    serviceFacts(seen, instantOf(nowMs)).filter(
      (fact) => cluster === undefined || fact.cluster === cluster,
    )
  const servers = () => facts().flatMap((fact) => fact.servers)
  switch (subject) {
    case "nodes": {
      const found = among(seen, ({ view }) => view.host, name, "host")
      return name !== undefined && found.length === 1 ? nodeShown(found, nowMs) : nodesShown(found)
    }
    case "vservers": {
      if (name !== undefined) checkService(definition, name)
      const found = named(facts(), (fact) => fact.name, name) ?? []
      const detailed = name !== undefined && isOne(found, (fact) => fact.name)
      return detailed ? vserverShown(found, nowMs) : vserversShown(found)
    }
    case "backends": {
      const found = among(servers(), (server) => server.host, name, "real server")
      const detailed = name !== undefined && isOne(found, (server) => server.host)
      if (detailed) return backendShown(found, nowMs)
      const rows = backendRows(seen).filter((row) =>
        found.some((server) => server.host === row.host && server.service === row.service),
      )
      const text = [backendsTable(rows), ...overrideLines(rows)].join("\n")
      return { json: found, text }
    }
    case "destinations":
      return destinationsShown(
        among(servers(), (server) => `${server.name}/${server.server}`, name, "destination"),
        nowMs,
      )
    case "healthchecks":
      return healthchecksShown(
        among(servers(), (server) => server.name, name, "service"),
        nowMs,
      )
    case "ha": {
      const found = among(haFacts(seen), (fact) => fact.cluster, name ?? cluster, "cluster")
      return name === undefined ? haShown(found, nowMs) : haDetail(found, nowMs)
    }
    case "overrides":
      return overridesShown(overrideRows(seen), name)
    case "vlans":
      return vlansShown(among(seen, ({ view }) => view.host, name, "director"))
    case "warnings":
      return warningsShown(among(seen, ({ view }) => view.host, name, "host"))
    case "config":
      return configShown(
        among(seen, ({ view }) => view.host, name, "host"),
        nowMs,
      )
    case "version":
      return versionShown(
        among(seen, ({ view }) => view.host, name, "host"),
        packageVersion(),
      )
    default:
      return subject satisfies never
  }
}

/** @throws Failure `input` when nothing has a name that begins so. */
function among<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  name: string | undefined,
  noun: string,
): readonly T[] {
  const found = named(things, nameOf, name)
  if (found !== undefined) return found
  throw unknownName(noun, name ?? "", [...new Set(things.map(nameOf))])
}

function checkService(definition: Definition, name: string): void {
  const names = definition.fleet.services.map((service) => service.name)
  if (!names.some((known) => known.startsWith(name))) throw unknownName("service", name, names)
}

/** The hosts of a cluster, real servers included. @throws Failure `input` when there is no such cluster. */
function clusterHosts(
  { fleet }: Definition,
  name: string | undefined,
): ReadonlySet<string> | undefined {
  if (name === undefined) return undefined
  const cluster = fleet.clusters.find((candidate) => candidate.name === name)
  if (cluster === undefined)
    throw unknownName(
      "cluster",
      name,
      fleet.clusters.map((known) => known.name),
    )
  const services = fleet.services.filter((service) => service.cluster === name)
  return new Set([
    ...cluster.directors.map(({ host }) => host),
    ...services.flatMap(({ backends }) => backends.map(({ host }) => host)),
  ])
}

function unknownName(noun: string, name: string, known: readonly string[]): Failure {
  return new Failure("input", `there is no ${noun} ${name}`, {
    hint: suggestion(name, known, `known are ${known.slice(0, 20).join(", ") || "none"}`),
  })
}

/** Directors among the chosen hosts, of one cluster where it is named. @throws Failure `input` when there is no such cluster. */
export function chosenDirectors(
  definition: Definition,
  chosen: ReadonlySet<string>,
  cluster: string | undefined,
): ReadonlySet<string> {
  const inCluster = clusterHosts(definition, cluster)
  const hosts = [...directorsAmong(definition, chosen)]
  return new Set(hosts.filter((host) => inCluster?.has(host) ?? true))
}

function directorsAmong(definition: Definition, hosts: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    definition.views
      .filter((view) => view.director !== undefined && hosts.has(view.host))
      .map((view) => view.host),
  )
}
