import type { Fleet, Host } from "./fleet.ts"

/** A host that lbctl does not log in to, and where that is said. */
export type UnmanagedHost = Host & Required<Pick<Host, "unmanaged">>

/** Whether others set a host up, and lbctl never connects to it. */
export function isUnmanaged(host: Host): host is UnmanagedHost {
  return host.unmanaged !== undefined
}

/** Names of all hosts that others set up. */
export function unmanagedNames({ hosts }: Pick<Fleet, "hosts">): ReadonlySet<string> {
  return new Set(hosts.filter(isUnmanaged).map(({ name }) => name))
}

/** The unmanaged hosts that serve, sorry servers among them, in the fleet's order of hosts. */
export function unmanagedServers({ hosts, services }: Fleet): UnmanagedHost[] {
  const names = new Set(services.flatMap(({ backends }) => backends.map(({ host }) => host)))
  const sorry = new Set(services.flatMap(({ sorryServer }) => sorryServer?.address ?? []))
  return hosts
    .filter(isUnmanaged)
    .filter(({ name, addresses }) => names.has(name) || addresses.some((one) => sorry.has(one)))
}
