import { family } from "../core/address.ts"
import type { Host } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"
import { whyUnusable } from "./usable.ts"

/** Rules on the addresses of hosts that direct or serve. */
export const hostAddressRules: readonly Rule[] = [
  {
    id: "host-family",
    set: "address",
    reason: "IPVS hands IPv6 connections to IPv6 real servers and IPv4 ones to IPv4 real servers",
    find: missingFamilies,
  },
  {
    id: "host-unusable",
    set: "address",
    reason: "the kernel refuses such a real server (EINVAL), and no peer reaches such a director",
    find: unusableHosts,
  },
]

function missingFamilies({ fleet }: RuleContext): Breach[] {
  const missing = new Map<string, { host: string; version: 4 | 6; services: string[] }>()
  for (const { name, vips, backends } of fleet.services)
    for (const version of new Set(vips.flatMap((vip) => family(vip) ?? [])))
      for (const { host, addresses } of backends) {
        if (addresses.length === 0 || addresses.some((text) => family(text) === version)) continue
        const key = `${host} ${version}`
        const entry = missing.get(key) ?? { host, version, services: [] }
        missing.set(key, { ...entry, services: [...entry.services, name] })
      }
  const hosts = new Map(fleet.hosts.map((host) => [host.name, host]))
  return [...missing.values()].flatMap(({ host, version, services }) => {
    const at = hosts.get(host)?.at
    return at === undefined ? [] : [familyBreach({ host, version, services, at })]
  })
}

function familyBreach(
  missing: Pick<Host, "at"> & { host: string; version: 4 | 6; services: readonly string[] },
): Breach {
  const { host, version, services, at } = missing
  const more = services.length > 3 ? ` and ${services.length - 3} more` : ""
  return {
    message: `${host} serves IPv${version} VIPs of ${services.slice(0, 3).join(", ")}${more} but has no IPv${version} address`,
    at,
    hint: 'lbctl_address takes one address a family: [192.0.2.21, "2001:db8::21"]',
  }
}

function unusableHosts({ fleet }: RuleContext): Breach[] {
  const parts = new Set([
    ...fleet.clusters.flatMap(({ directors }) => directors.map(({ host }) => host)),
    ...fleet.services.flatMap(({ backends }) => backends.map(({ host }) => host)),
  ])
  return fleet.hosts
    .filter(({ name }) => parts.has(name))
    .flatMap(({ name, at, addresses }) =>
      addresses.flatMap((address) => {
        const why = whyUnusable(address)
        const hint = `set lbctl_address to the address where ${name} takes traffic`
        return why === undefined
          ? []
          : [{ message: `the data address ${address} of ${name} is ${why}`, at, hint }]
      }),
    )
}
