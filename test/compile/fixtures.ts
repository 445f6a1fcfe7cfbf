import type { Problem } from "../../src/core/problem.ts"
import { compileFleet } from "../../src/compile/fleet.ts"
import { parseYaml } from "../../src/load/yaml.ts"
import type { Fleet } from "../../src/model/fleet.ts"
import type { Document, Documents, Inventory } from "../../src/schema/documents.ts"
import { surroundings } from "../surroundings.ts"
import { validateFleet } from "../../src/validate/fleet.ts"

/** A YAML text as a document; throws when it does not parse. */
export function document(text: string, file: string): Document {
  const result = parseYaml(text, file)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

export type HostSource = { readonly groups: readonly string[] } & Readonly<Record<string, unknown>>

/** An inventory from host name to groups and variables. */
export function inventory(hosts: Readonly<Record<string, HostSource>>): Inventory {
  const groups: Record<string, string[]> = { all: Object.keys(hosts) }
  for (const [name, { groups: own }] of Object.entries(hosts))
    for (const group of own) (groups[group] ??= []).push(name)
  return {
    groups,
    hosts: Object.entries(hosts).map(([name, { groups: own, ...vars }], index) => {
      const at = { file: "hosts.yml", line: index + 1, column: 1 }
      const varAt = Object.fromEntries(Object.keys(vars).map((key) => [key, at]))
      return { name, at, groups: ["all", ...own], vars, varAt }
    }),
  }
}

const both = (last: number) => [`192.0.2.${last}`, `2001:db8::${last}`]

/** Two directors and three real servers with both families. */
export const tokyoHosts: Readonly<Record<string, HostSource>> = {
  lb1: { groups: ["lb"], ansible_host: "192.0.2.2", lbctl_address: both(2) },
  lb2: { groups: ["lb"], ansible_host: "192.0.2.3", lbctl_address: both(3) },
  rs1: { groups: ["web"], ansible_host: "192.0.2.21", lbctl_address: both(21) },
  rs2: { groups: ["web"], ansible_host: "192.0.2.22", lbctl_address: both(22) },
  rs3: { groups: ["web"], ansible_host: "192.0.2.23", lbctl_address: both(23) },
}

export const tokyoClusters = `
clusters:
  tokyo:
    directors: lb
    real_servers: web
    vrrp: { interface: eth0, virtual_router_id: 51 }
`

export const webService = `
services:
  web:
    cluster: tokyo
    vip: 192.0.2.10
    ports: [80]
`

export interface Sources {
  readonly hosts?: Readonly<Record<string, HostSource>>
  readonly clusters?: string
  /** One text a file: services/0.yml, services/1.yml ... */
  readonly services?: string | readonly string[]
}

/** Documents of a small sound fleet, with the given parts in place of its own. */
export function documents(sources: Sources = {}): Documents {
  return {
    root: ".",
    folder: ".",
    ssh: surroundings(),
    inventory: inventory(sources.hosts ?? tokyoHosts),
    clusters: document(sources.clusters ?? tokyoClusters, "clusters.yml"),
    services: [sources.services ?? webService]
      .flat()
      .map((text, index) => document(text, `services/${index}.yml`)),
    roles: [],
    templates: {},
  }
}

/** The fleet and everything that is wrong with it. */
export function fleetOf(sources: Sources = {}): { fleet: Fleet; problems: readonly Problem[] } {
  const read = documents(sources)
  const { fleet, problems } = compileFleet(read)
  return { fleet, problems: [...problems, ...validateFleet(fleet, read)] }
}

/** Each problem as `rule file:line`. */
export function brief(problems: readonly Problem[]): string[] {
  return problems.map(({ rule, at }) => `${rule} ${at?.file}:${at?.line}`)
}
