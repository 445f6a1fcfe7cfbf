import type { AccessRule, Login } from "../model/access.ts"
import type { DirectorState } from "../model/desired.ts"
import type { Override } from "../model/override.ts"
import { covers } from "./overrides.ts"

/** What an override asks, as far as rules go by it; to lift is as to set. */
export type AskedOverride = Pick<Override, "action" | "host" | "service" | "cluster">

/** One thing that an override concerns: a real server of a service, or a director. */
interface Concern {
  readonly cluster: string
  readonly host: string
  readonly service?: string
}

/** Who needs no rule: whoever is root on a director can do all of this by hand. */
const ruler = "root"

/**
 * Why a login may not set or lift an override, in words; undefined: it may. Every real server that the override covers must be
 * granted, so a rule on one service grants no drain of a host that serves two. Clusters without rules refuse nothing.
 */
export function accessRefusal(
  state: Pick<DirectorState, "access" | "services">,
  login: Login | undefined,
  asked: AskedOverride,
): string | undefined {
  const rules = state.access ?? []
  if (login?.user === ruler) return undefined
  const denied = concernsOf(state, asked)
    .filter(({ cluster }) => rules.some((rule) => rule.cluster === cluster))
    .find((concern) => !rules.some((rule) => grants(rule, login, asked, concern)))
  if (denied === undefined) return undefined
  const { cluster, host, service } = denied
  const what = `${asked.action} on ${host}${service === undefined ? "" : `:${service}`}`
  return refusalWords(cluster, login, what)
}

/** Why a login may not have the master of a cluster hand over, in words; undefined: it may. */
export function failoverRefusal(
  state: Pick<DirectorState, "access">,
  login: Login | undefined,
  cluster: string,
): string | undefined {
  const rules = (state.access ?? []).filter((rule) => rule.cluster === cluster)
  if (rules.length === 0 || login?.user === ruler) return undefined
  const granted = rules.some(
    ({ services, hosts, ...rule }) =>
      services === undefined &&
      hosts === undefined &&
      isOf(rule, login) &&
      rule.operations.includes("failover"),
  )
  if (granted) return undefined
  return refusalWords(cluster, login, `a failover of ${cluster}`)
}

function refusalWords(cluster: string, login: Login | undefined, what: string): string {
  return login === undefined
    ? `access rules of ${cluster}: who asks for ${what} was not told; lbctl and lbagent tell it`
    : `access rules of ${cluster} do not grant ${login.user} ${what}`
}

function isOf(
  { users, groups }: Pick<AccessRule, "users" | "groups">,
  login: Login | undefined,
): boolean {
  if (login === undefined) return false
  return users.includes(login.user) || groups.some((group) => login.groups.includes(group))
}

function concernsOf(
  { services }: Pick<DirectorState, "services">,
  asked: AskedOverride,
): readonly Concern[] {
  const { action, cluster, host } = asked
  if (action === "priority")
    return cluster === undefined || host === undefined ? [] : [{ cluster, host }]
  return services.flatMap((service) =>
    service.servers
      .filter((server) => covers(asked, { host: server.host, service: service.name }))
      .map((server) => ({ cluster: service.cluster, host: server.host, service: service.name })),
  )
}

function grants(
  rule: AccessRule,
  login: Login | undefined,
  { action }: AskedOverride,
  { cluster, host, service }: Concern,
): boolean {
  const { operations, services, hosts } = rule
  return (
    rule.cluster === cluster &&
    isOf(rule, login) &&
    operations.includes(action) &&
    (services === undefined || (service !== undefined && services.includes(service))) &&
    (hosts === undefined || hosts.includes(host))
  )
}
