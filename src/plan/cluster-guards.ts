import { contains } from "../core/address.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import type { Guard, HostPlan } from "../model/plan.ts"
import type { HostInput } from "./host.ts"

/** An instance as a director of another cluster has it now. */
interface Elsewhere {
  readonly host: string
  readonly vrrp: DesiredVrrp
}

/** VIPs and VRIDs that a director newly gets while another cluster's directors still have them: both would answer. */
export function usedElsewhere(inputs: readonly HostInput[]): Guard[] {
  return inputs.flatMap((input) =>
    (input.view.director?.vrrp ?? []).flatMap((vrrp) => {
      const before = present(input).find(({ instance }) => instance === vrrp.instance)
      const others = inputs
        .filter(({ observed }) => !vrrp.directors.includes(observed.host))
        .flatMap((other) =>
          present(other).map((item): Elsewhere => ({ host: other.observed.host, vrrp: item })),
        )
      return [...usedVips(input, vrrp, before, others), ...usedVrid(input, vrrp, before, others)]
    }),
  )
}

/** Clusters in service of which no director is known as master: the rollout could not keep the one that serves for the last. */
export function masterless(plans: readonly HostPlan[], inputs: readonly HostInput[]): Guard[] {
  const backups = new Set(plans.filter(({ phase }) => phase === "backup").map(({ host }) => host))
  const instances = inputs.flatMap((input) =>
    (input.view.director?.vrrp ?? []).map((vrrp) => ({ vrrp, live: present(input) })),
  )
  const clusters = new Map(
    instances
      .filter(({ vrrp, live }) => live.some(({ cluster }) => cluster === vrrp.cluster))
      .map(({ vrrp }) => [vrrp.cluster, vrrp.directors]),
  )
  return [...clusters].flatMap(([cluster, directors]) =>
    directors.length > 1 && directors.every((host) => backups.has(host))
      ? [
          {
            guard: "all-directors" as const,
            message: `no director of ${cluster} is known as its master: ${directors.join(" and ")} would all change as backups`,
            hint: "lbctl show nodes tells their states; if all of them may change: --allow all-directors",
          },
        ]
      : [],
  )
}

function present({ observed }: HostInput): readonly DesiredVrrp[] {
  return observed.agent?.desired?.vrrp ?? []
}

function usedVips(
  { observed: { host } }: HostInput,
  { vips }: DesiredVrrp,
  before: DesiredVrrp | undefined,
  others: readonly Elsewhere[],
): Guard[] {
  return vips
    .filter((vip) => before?.vips.includes(vip) !== true)
    .flatMap((vip) => {
      const holder = others.find(({ vrrp }) => vrrp.vips.includes(vip))
      if (holder === undefined) return []
      return [
        {
          guard: "vip-in-use" as const,
          host,
          message: `VIP ${vip} is still one of ${holder.vrrp.cluster}, on ${holder.host}`,
          hint: "let that cluster give it up by an apply before; if both may answer for a while: --allow vip-in-use",
        },
      ]
    })
}

/** Only on one segment do two virtual routers of one VRID meet. */
function usedVrid(
  { observed }: HostInput,
  { virtualRouterId, interface: device }: DesiredVrrp,
  before: DesiredVrrp | undefined,
  others: readonly Elsewhere[],
): Guard[] {
  if (before?.virtualRouterId === virtualRouterId) return []
  const networks = observed.addresses.filter((held) => held.device === device)
  const holder = others.find(
    ({ vrrp }) =>
      vrrp.virtualRouterId === virtualRouterId &&
      networks.some(({ address, prefix }) => contains(address, prefix, vrrp.source)),
  )
  if (holder === undefined) return []
  return [
    {
      guard: "vrid-in-use" as const,
      host: observed.host,
      message: `virtual_router_id ${virtualRouterId} is still that of ${holder.vrrp.cluster}, on ${holder.host}`,
      hint: "change that cluster by an apply before; if two masters may quarrel for a while: --allow vrid-in-use",
    },
  ]
}
