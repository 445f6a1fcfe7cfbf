import { canonicalAddress } from "../core/address.ts"
import type { SourceRef } from "../core/problem.ts"
import type { Cluster, Fleet, VirtualService } from "../model/fleet.ts"
import type { Cluster as ClusterSource } from "../schema/clusters.gen.ts"
import type { DocumentPath, Documents } from "../schema/documents.ts"
import { keepalivedSource, type KeepalivedSource } from "../schema/keepalived-source.ts"
import { entriesOf } from "../schema/entries.ts"
import type { Entry } from "../schema/entries.ts"
import { parsePorts } from "../schema/port-range.ts"
import type { Service } from "../schema/services.gen.ts"

/** What rules look at: the fleet, and the text it came from. */
export interface RuleContext {
  readonly fleet: Fleet
  readonly servicesOf: (cluster: Cluster) => readonly VirtualService[]
  /** The service as written. */
  readonly source: (service: VirtualService) => Service
  /** Place of a value below a cluster or service; of its nearest written parent when it is a default. */
  readonly inCluster: (cluster: Cluster, ...path: DocumentPath) => SourceRef
  /** Place of a value of clusters.yml outside of its clusters. */
  readonly inClusters: (...path: DocumentPath) => SourceRef
  /** `keepalived` of clusters.yml as written, where it is of the schema. */
  readonly keepalived: KeepalivedSource
  /** The cluster as written. */
  readonly clusterSource: (cluster: Cluster) => ClusterSource
  readonly inService: (service: VirtualService, ...path: DocumentPath) => SourceRef
  readonly vipPlace: (service: VirtualService, vip: string) => SourceRef
  readonly portPlace: (service: VirtualService, port: VirtualService["ports"][number]) => SourceRef
  /** Where one real server's own values stand, or those of all. */
  readonly backendPlace: (service: VirtualService, host: string, key: string) => SourceRef
}

/** The context of a fleet compiled from these documents. */
export function ruleContext(fleet: Fleet, documents: Documents): RuleContext {
  const clusters = byName<ClusterSource>(entriesOf(documents.clusters, "clusters"))
  const services = byName<Service>(
    documents.services.flatMap((file) => entriesOf(file, "services")),
  )
  const entry = (service: VirtualService) => found(services, service.name)
  const inService = (service: VirtualService, ...path: DocumentPath) =>
    entry(service).place(...path)
  return {
    fleet,
    servicesOf: (cluster) => fleet.services.filter((service) => service.cluster === cluster.name),
    source: (service) => entry(service).value,
    inCluster: (cluster, ...path) => found(clusters, cluster.name).place(...path),
    keepalived: keepalivedSource(documents.clusters),
    inClusters: (...path) => documents.clusters.locate(path),
    clusterSource: (cluster) => found(clusters, cluster.name).value,
    inService,
    vipPlace: (service, vip) => {
      const written = entry(service).value.vip
      if (typeof written === "string") return inService(service, "vip")
      return inService(service, "vip", written.map(canonicalAddress).indexOf(vip))
    },
    portPlace: (service, { port, protocol }) => {
      const index = entry(service).value.ports.findIndex((item) => {
        const range = parsePorts(item)
        return range.first <= port && port <= range.last && range.protocol === protocol
      })
      return inService(service, "ports", index)
    },
    backendPlace: (service, host, key) => {
      const own = entry(service).value.backends?.hosts ?? {}
      return Object.hasOwn(own, host)
        ? inService(service, "backends", "hosts", host, key)
        : inService(service, "backends", key)
    },
  }
}

/** The first of each name: compile takes that one. */
function byName<T>(entries: readonly Entry<T>[]): ReadonlyMap<string, Entry<T>> {
  return new Map(entries.toReversed().map((entry) => [entry.name, entry]))
}

function found<T>(entries: ReadonlyMap<string, Entry<T>>, name: string): Entry<T> {
  const entry = entries.get(name)
  if (entry === undefined) throw new RangeError(`the fleet has ${name}, its documents do not`)
  return entry
}
