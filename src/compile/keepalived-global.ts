import type { KeepalivedBlock, KeepalivedGlobal } from "../model/keepalived.ts"
import type { Document } from "../schema/documents.ts"
import type { GlobalDefs } from "../schema/clusters.gen.ts"
import { keepalivedSource } from "../schema/keepalived-source.ts"
import { milliseconds } from "./defaults.ts"

/** `keepalived` of clusters.yml as lines of keepalived.conf(5); none where it is not of the schema, which is told elsewhere. */
export function compileKeepalivedGlobal(document: Document): KeepalivedGlobal {
  const source = keepalivedSource(document)
  return {
    globalDefs: globalLines(source.global_defs ?? {}),
    addresses: new Map(Object.entries(source.static_ipaddress ?? {})),
    routes: source.static_routes ?? [],
    rules: source.static_rules ?? [],
  }
}

/** The blocks of static_ipaddress, static_routes and static_rules of one director. */
export function staticBlocks(host: string, global: KeepalivedGlobal): KeepalivedBlock[] {
  return [
    { head: "static_ipaddress", lines: global.addresses.get(host) ?? [] },
    { head: "static_routes", lines: global.routes },
    { head: "static_rules", lines: global.rules },
  ].filter(({ lines }) => lines.length > 0)
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
