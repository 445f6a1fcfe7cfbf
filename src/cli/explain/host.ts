import { formatPlace } from "../../core/problem.ts"
import type { HostView } from "../../model/desired.ts"
import type { Host } from "../../model/fleet.ts"
import type { Role } from "../../model/role.ts"
import { roleApplies } from "../../model/role.ts"
import type { FileOrigin, Origin } from "../../render/origin.ts"
import type { RuleContext } from "../../validate/context.ts"
import type { Fact, Section } from "./fact.ts"
import { factsNamed } from "./names.ts"

/** What a host is explained by. */
export interface HostScene {
  readonly host: Host
  readonly view: HostView | undefined
  readonly roles: readonly Role[]
  readonly origins: readonly (Origin | FileOrigin)[]
  readonly context: RuleContext
}

/** Why a host holds what it holds: its place in the inventory, its parts, its roles, and each thing that they want. */
export function explainHost({ host, view, roles, origins, context }: HostScene): Section[] {
  const groups = host.groups.filter((name) => name !== "all")
  return [
    {
      title: "host",
      facts: [
        {
          what: `${host.name} ${host.addresses.join(" ")}`,
          at: host.at,
          notes: [
            `groups: ${groups.join(", ") || "none"}; its variables: lbctl inventory --host ${host.name} --explain`,
          ],
        },
      ],
    },
    { title: "is set up by others", facts: setUpByOthers(host) },
    { title: "directs", facts: directs(host, context) },
    { title: "serves", facts: serves(host, context) },
    {
      title: "has the roles",
      facts: roles
        .filter((role) => view !== undefined && roleApplies(role, view))
        .map((role) => ({ what: `${role.name}: ${targetWords(role)}` })),
    },
    ...kinds.map(({ kind, title }) => ({
      title,
      facts: origins.filter((one) => one.kind === kind).map((one) => originFact(one, context)),
    })),
  ]
}

/** Where something that a host holds comes from. */
export function originFact(origin: Origin | FileOrigin, context: RuleContext): Fact {
  const { kind, subject, role, at, why } = origin
  const template = "template" in origin ? `, template ${origin.template}` : ""
  const vips = kind === "address" ? factsNamed(subject, context) : []
  return {
    what: subject,
    at,
    notes: [
      `role ${role}${template}`,
      ...(why === undefined ? [] : [why]),
      ...vips.map(({ what, at: place }) => `${what}: ${formatPlace(place)}`),
    ],
  }
}

const kinds = [
  { kind: "module", title: "kernel modules" },
  { kind: "sysctl", title: "sysctls" },
  { kind: "link", title: "links that are up" },
  { kind: "address", title: "addresses" },
  { kind: "file", title: "files" },
  { kind: "unit", title: "units" },
] as const

function setUpByOthers({ unmanaged }: Host): Fact[] {
  if (unmanaged === undefined) return []
  return [{ what: "lbctl_managed: false: lbctl never logs in to it", at: unmanaged }]
}

function directs({ name }: Host, { fleet }: RuleContext): Fact[] {
  return fleet.clusters.flatMap((cluster) =>
    cluster.directors
      .filter(({ host }) => host === name)
      .map(({ priority, interface: device }) => ({
        what: `${cluster.name}: priority ${priority} on ${device}`,
        at: cluster.at,
      })),
  )
}

function serves({ name }: Host, { fleet }: RuleContext): Fact[] {
  return fleet.services.flatMap((service) =>
    service.backends
      .filter(({ host }) => host === name)
      .map(({ weight, forwarding }) => ({
        what: `${service.name}: weight ${weight}, ${forwarding}`,
        at: service.at,
      })),
  )
}

function targetWords({ target }: Role): string {
  switch (target.by) {
    case "view":
      return target.view === "director" ? "it is a director" : "it is a real server"
    case "groups":
      return `for the groups ${target.names.join(", ")}`
    case "hosts":
      return `for the hosts ${target.names.join(", ")}`
    default:
      return target satisfies never
  }
}
