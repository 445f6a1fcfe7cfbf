import type { KeepalivedBlock, KeepalivedGlobal, SyncGroup } from "../model/keepalived.ts"
import type { Document } from "../schema/documents.ts"
import type { GlobalDefs } from "../schema/clusters.gen.ts"
import { keepalivedSource } from "../schema/keepalived-source.ts"
import { milliseconds } from "./defaults.ts"
import { notifyLines } from "./keepalived-vrrp.ts"

/** `keepalived` of clusters.yml as lines of keepalived.conf(5); none where it is not of the schema, which is told elsewhere. */
export function compileKeepalivedGlobal(document: Document): KeepalivedGlobal {
  const source = keepalivedSource(document)
  return {
    globalDefs: globalLines(source.global_defs ?? {}),
    addresses: new Map(Object.entries(source.static_ipaddress ?? {})),
    routes: source.static_routes ?? [],
    rules: source.static_rules ?? [],
    syncGroups: Object.entries(source.sync_groups ?? {}).map(([name, group]) => ({
      name,
      clusters: group.clusters,
      lines: notifyLines(group),
    })),
  }
}

/** The blocks of static_ipaddress, static_routes, static_rules and vrrp_sync_group of one director of these clusters. */
export function staticBlocks(
  host: string,
  clusters: ReadonlySet<string>,
  global: KeepalivedGlobal,
): KeepalivedBlock[] {
  return [
    { head: "static_ipaddress", lines: global.addresses.get(host) ?? [] },
    { head: "static_routes", lines: global.routes },
    { head: "static_rules", lines: global.rules },
    ...global.syncGroups
      .filter((group) => group.clusters.some((name) => clusters.has(name)))
      .map(syncGroup),
  ].filter(({ lines }) => lines.length > 0)
}

/** An instance has the name of its cluster. */
function syncGroup({ name, clusters, lines }: SyncGroup): KeepalivedBlock {
  return {
    head: `vrrp_sync_group ${name}`,
    lines: [
      "group {",
      ...clusters.map((cluster) => `    ${cluster}`),
      "}",
      // Without it keepalived takes the weights off whatever an instance of a group tracks, the file of lbctl failover included.
      "sync_group_tracking_weight",
      ...lines,
    ],
  }
}

function globalLines(source: GlobalDefs): string[] {
  const mails = source.notification_email ?? []
  const { smtp_connect_timeout: connect, vrrp_startup_delay: startup } = source
  return [
    ...(mails.length === 0
      ? []
      : ["notification_email {", ...mails.map((mail) => `    ${mail}`), "}"]),
    ...(["notification_email_from", "smtp_server"] as const).flatMap((word) =>
      source[word] === undefined ? [] : [`${word} ${source[word]}`],
    ),
    ...(connect === undefined ? [] : [`smtp_connect_timeout ${milliseconds(connect, 0) / 1000}`]),
    ...(startup === undefined ? [] : [`vrrp_startup_delay ${milliseconds(startup, 0) / 1000}`]),
    ...(source.raw ?? []),
  ]
}
