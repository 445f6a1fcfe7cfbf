import type { Fleet } from "../model/fleet.ts"
import { changeKinds, type Notifications } from "../model/notifications.ts"
import type { ClustersDocument } from "../schema/clusters.gen.ts"
import { milliseconds, notificationDefaults } from "./defaults.ts"

/** `notifications` of clusters.yml with its defaults; only called for what is of the schema. */
export function compileNotifications(value: unknown): Pick<Fleet, "notifications"> {
  const { notifications } = (value ?? {}) as Partial<ClustersDocument>
  if (typeof notifications !== "object" || notifications === null) return {}
  const { on, min_interval: interval, command, webhook, mail } = notifications
  const compiled: Notifications = {
    on: Array.isArray(on) ? changeKinds.filter((kind) => on.includes(kind)) : changeKinds,
    minIntervalMs: milliseconds(
      typeof interval === "string" ? interval : undefined,
      notificationDefaults.minIntervalMs,
    ),
    ...(Array.isArray(command) ? { command } : {}),
    ...(typeof webhook === "string" ? { webhook } : {}),
    ...(typeof mail === "object" && mail !== null ? mailRoute(mail) : {}),
  }
  return { notifications: compiled }
}

function mailRoute({
  from,
  to,
  server,
}: NonNullable<NonNullable<ClustersDocument["notifications"]>["mail"]>): Pick<
  Notifications,
  "mail"
> {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(server)
  const host = match?.[1] ?? match?.[2]
  return host === undefined
    ? {}
    : { mail: { from, to, server: { host, port: Number(match?.[3]) } } }
}
