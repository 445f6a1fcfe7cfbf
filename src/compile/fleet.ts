import { quotedSuggestion } from "../core/suggestion.ts"
import { sortProblems } from "../core/problem.ts"
import type { Problem } from "../core/problem.ts"
import { compareText } from "../core/text.ts"
import type { Fleet, VirtualService } from "../model/fleet.ts"
import { findings } from "../schema/check.ts"
import type { Cluster as ClusterSource } from "../schema/clusters.gen.ts"
import type { Document, DocumentPath, Documents } from "../schema/documents.ts"
import { entriesOf } from "../schema/entries.ts"
import type { Entry } from "../schema/entries.ts"
import type { Service } from "../schema/services.gen.ts"
import { compileCluster } from "./clusters.ts"
import { contactedHosts } from "./contacted.ts"
import { compileHost } from "./hosts.ts"
import { scopeOf } from "./scope.ts"
import type { Scope } from "./scope.ts"
import { compileMetrics } from "./metrics.ts"
import { compileNotifications } from "./notifications.ts"
import { compileKeepalivedGlobal } from "./keepalived-global.ts"
import { compileReleases } from "./releases.ts"
import { compileService } from "./services.ts"

/**
 * The fleet that the documents describe, and all their problems of form and reference.
 * With errors among the problems the fleet holds what is sound: enough for the rules of
 * validate/ to find more mistakes, not enough to deploy.
 */
export interface CompiledFleet {
  readonly fleet: Fleet
  readonly problems: readonly Problem[]
}

/** Documents to fleet: every reference resolved, every default filled in, everything in canonical order. */
export function compileFleet(documents: Documents): CompiledFleet {
  const problems: Problem[] = []
  const compiled = documents.inventory.hosts.map((host) => compileHost(host, documents.ssh))
  const hosts = compiled.map(({ host }) => host)
  const scope = scopeOf(documents.inventory, hosts, (problem) => problems.push(problem))
  const sources = readEntries<ClusterSource>("clusters", [documents.clusters], scope)
  const clusters = sources.entries
    .filter(({ name }) => !sources.broken.has(name))
    .map((entry) => compileCluster(entry, scope))
  const services = compileServices(documents.services, sources, scope)
  const releases = compileReleases(documents.clusters.value)
  const agents = {
    ...compileMetrics(documents.clusters.value),
    ...compileNotifications(documents.clusters.value),
  }
  const keepalived = compileKeepalivedGlobal(documents.clusters)
  const fleet = { hosts, clusters, services, releases, keepalived, ...agents }
  const contacted = contactedHosts(fleet, scope.parts, documents)
  for (const { host, connectionProblems, partProblems } of compiled) {
    if (contacted.has(host.name)) problems.push(...connectionProblems)
    if (scope.parts.has(host.name)) problems.push(...partProblems)
  }
  return { fleet, problems: sortProblems(problems) }
}

function compileServices(
  documents: readonly Document[],
  clusters: Entries<ClusterSource>,
  scope: Scope,
): VirtualService[] {
  const { entries, broken } = readEntries<Service>("services", documents, scope)
  const byName = new Map(clusters.entries.map((entry) => [entry.name, entry.value]))
  return entries.flatMap((entry) => {
    if (broken.has(entry.name)) return []
    const cluster = byName.get(entry.value.cluster)
    // Without any cluster the mistake is in clusters.yml, and told there.
    if (cluster === undefined && byName.size > 0) reportUnknown(entry, [...byName.keys()], scope)
    const trusted = (clusters.broken.get(entry.value.cluster) ?? []).every(concernsDirectorsOnly)
    return cluster !== undefined && trusted ? [compileService(entry, cluster, scope)] : []
  })
}

const directorKeys = ["directors", "vrrp", "access", "connection_sync", "timeouts", "ipvs_sysctls"]

/** A mistake among these keys of a cluster leaves what its services take from it readable. */
function concernsDirectorsOnly(path: DocumentPath): boolean {
  return directorKeys.includes(String(path[2]))
}

function reportUnknown(entry: Entry<Service>, known: readonly string[], scope: Scope): void {
  const { cluster } = entry.value
  scope.report({
    rule: "cluster-unknown",
    message: `there is no cluster "${cluster}"`,
    at: entry.place("cluster"),
    hint: quotedSuggestion(cluster, known, `the clusters are ${known.join(", ")}`),
  })
}

interface Entries<T> {
  /** All of them, by name; T holds for those that are not broken. */
  readonly entries: readonly Entry<T>[]
  /** Where the entries with mistakes of form have them. */
  readonly broken: ReadonlyMap<string, readonly DocumentPath[]>
}

function readEntries<T>(
  kind: "clusters" | "services",
  documents: readonly Document[],
  scope: Scope,
): Entries<T> {
  const entries = new Map<string, Entry<T>>()
  const broken = new Map<string, DocumentPath[]>()
  for (const document of documents) {
    for (const { path, problem } of findings(kind, document)) {
      scope.report(problem)
      broken.set(String(path[1]), [...(broken.get(String(path[1])) ?? []), path])
    }
    for (const entry of entriesOf<T>(document, kind)) {
      const earlier = entries.get(entry.name)
      if (earlier === undefined) entries.set(entry.name, entry)
      else reportTwice(earlier, entry, scope)
    }
  }
  return { entries: [...entries.values()].sort((a, b) => compareText(a.name, b.name)), broken }
}

function reportTwice(earlier: Entry<unknown>, later: Entry<unknown>, scope: Scope): void {
  const { file, line } = earlier.placeOfKey()
  scope.report({
    rule: "service-twice",
    message: `the service ${later.name} is defined twice`,
    at: later.placeOfKey(),
    hint: `it is in ${file}:${line} already: rename one of them`,
  })
}
