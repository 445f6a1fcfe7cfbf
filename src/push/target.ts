import type { Connection } from "../model/fleet.ts"
import { knownHostsName } from "./known-hosts.ts"

/** A host, or a jump host on the way to one, and who logs in there. */
export type Target = Connection & { readonly user: string }

/** `user@host`, or `user@[host]:port` for another port than 22, as errors name it. */
export function targetName({ user, address, port }: Target): string {
  return `${user}@${knownHostsName(address, port)}`
}

/** What known_hosts calls the host: HostKeyAlias stands there as it is, without a port (ssh_config(5)). */
export function keyName({ hostKeyAlias, address, port }: Connection): string {
  return hostKeyAlias?.toLowerCase() ?? knownHostsName(address, port)
}

/** The hops on the way, first to last, as `-J` takes them. */
export function hopNames({ via }: Connection): string[] {
  if (via === undefined) return []
  const user = via.user === undefined ? "" : `${via.user}@`
  const address = via.address.includes(":") ? `[${via.address}]` : via.address
  return [...hopNames(via), `${user}${address}${via.port === 22 ? "" : `:${via.port}`}`]
}
