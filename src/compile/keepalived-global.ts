import type { Document } from "../schema/documents.ts"
import type { GlobalDefs } from "../schema/clusters.gen.ts"
import { globalDefsOf } from "../schema/global-defs.ts"
import { milliseconds } from "./defaults.ts"

/** `keepalived.global_defs` of clusters.yml as lines of keepalived.conf(5); none where they are not of the schema, which is told elsewhere. */
export function compileGlobalDefs(document: Document): string[] {
  return globalLines(globalDefsOf(document) ?? {})
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
