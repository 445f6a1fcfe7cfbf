import { sha256 } from "../core/digest.ts"
import { family } from "../core/address.ts"
import type { DesiredServer, DesiredService, DirectorState } from "../model/desired.ts"
import type { IpvsService, IpvsTable } from "../model/ipvs.ts"
import { checkMarkBase, checkMarkCount } from "../model/ipvs.ts"

/** The private services through which checks reach one real server by the VIP. */
export interface CheckServices {
  readonly table: IpvsTable
  /** By `checkTargetName`. */
  readonly marks: ReadonlyMap<string, number>
}

/**
 * One firewall-mark service with one destination for each real server that is checked through the VIP (DESIGN 12.11):
 * a marked connection to any VIP and port is forwarded to that server as clients' are, so that a missing VIP on its
 * loopback shows. The destination's port is 0: the kernel then keeps the packet's
 * (net/netfilter/ipvs/ip_vs_core.c, ip_vs_schedule).
 * Marks follow from the server alone, not from its place in a list, so that a change of the pool renumbers nothing;
 * of two that fall together the later in order moves on.
 */
export function checkServices(state: DirectorState): CheckServices {
  const targets = new Map<string, DesiredServer>()
  for (const service of state.services) {
    if (service.check?.via !== "vip") continue
    for (const server of service.servers) targets.set(checkTargetName(server), server)
  }
  const marks = new Map<string, number>()
  const taken = new Set<number>()
  for (const name of [...targets.keys()].sort()) {
    const mark = freeMark(name, taken)
    taken.add(mark)
    marks.set(name, mark)
  }
  const table = [...targets].flatMap(([name, server]) => {
    const mark = marks.get(name)
    return mark === undefined ? [] : [checkService(mark, server)]
  })
  return { table, marks }
}

/** The mark that leads a check of this server through the VIP; undefined when it is asked by its own address. */
export function markOf(
  services: CheckServices,
  service: DesiredService,
  server: DesiredServer,
): number | undefined {
  return service.check?.via === "vip" ? services.marks.get(checkTargetName(server)) : undefined
}

function checkTargetName(server: DesiredServer): string {
  const tunnel =
    server.tunnel === undefined ? "" : `${server.tunnel.type}:${server.tunnel.port ?? 0}`
  return [server.address, server.forwarding, tunnel].join(" ")
}

function freeMark(name: string, taken: ReadonlySet<number>): number {
  const start = Number.parseInt(sha256(name).slice(0, 8), 16) % checkMarkCount
  for (let offset = 0; offset < checkMarkCount; offset++) {
    const mark = checkMarkBase + ((start + offset) % checkMarkCount)
    if (!taken.has(mark)) return mark
  }
  return checkMarkBase + start
}

function checkService(fwmark: number, server: DesiredServer): IpvsService {
  const { address, forwarding, tunnel } = server
  return {
    key: { kind: "fwmark", fwmark, family: family(address) ?? 4 },
    scheduler: "rr",
    flags: [],
    onePacket: false,
    destinations: [
      {
        address,
        port: 0,
        forwarding,
        weight: 1,
        upperThreshold: 0,
        lowerThreshold: 0,
        ...(tunnel === undefined || tunnel.type === "ipip" ? {} : { tunnel }),
      },
    ],
  }
}
