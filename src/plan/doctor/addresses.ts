import type { Check, EarlyDirector, EarlyRealServer, RealServer, Symptom } from "./check.ts"
import { directorsIn, each, realServersIn } from "./check.ts"

/** VIPs on the hosts that serve them, and interfaces. */
export const addressChecks: readonly Check[] = [
  {
    id: "N01",
    severity: "error",
    looksAt: "the VIPs that a real server has to hold",
    why: "what a director sends it for a VIP that it does not hold, it drops or sends on",
    find: (ward) =>
      each(realServersIn(ward), ({ host, view, input: { observed } }) =>
        view.vips
          .filter(
            (vip) =>
              !observed.addresses.some(
                (held) => held.address === vip.address && held.device === vip.device,
              ),
          )
          .map(({ address, prefix, device }) => ({
            message: `does not hold the VIP ${address}/${prefix} on ${device}`,
            cure: ward.apply(host),
          })),
      ),
  },
  {
    id: "N02",
    severity: "error",
    looksAt: "prefix lengths of VIPs on real servers",
    why: "an IPv4 VIP with a shorter prefix on the loopback makes the whole network the host's own",
    find: (ward) => each(realServersIn(ward), (server) => otherPrefixes(server, held(server))),
    early: (ward) =>
      each(realServersIn(ward), (server) => otherPrefixes(server, heldByOthers(server))),
  },
  {
    id: "N03",
    severity: "error",
    looksAt: "VIPs on other interfaces of real servers",
    why: "on an interface to a network the host answers for the VIP, and IPv6 finds the address taken",
    find: (ward) => each(realServersIn(ward), (server) => otherDevices(server, held(server))),
    early: (ward) =>
      each(realServersIn(ward), (server) => otherDevices(server, heldByOthers(server))),
  },
  {
    id: "N04",
    severity: "error",
    looksAt: "VIPs that duplicate address detection refused or has not done with",
    why: "the kernel does not use an address that is tentative or dadfailed",
    find: (ward) =>
      each(realServersIn(ward), ({ host, view, examined }) =>
        examined.flagged
          .filter(({ address }) => view.vips.some((vip) => vip.address === address))
          .map(({ address, device, flag }) => ({
            message: `the VIP ${address} on ${device} is ${flag}`,
            cure: `ip address del ${address} dev ${device} on ${host}, then ${ward.apply(host)}`,
          })),
      ),
  },
  {
    id: "N05",
    severity: "warning",
    looksAt: "single addresses on the loopback of real servers that no service has",
    why: "a VIP that was left behind answers for somebody else's service once a packet gets here",
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        strays(server).map(({ address }) => ({
          message: `holds ${address} on lo, which is no VIP of its services`,
          cure: `lbctl realserver prune --limit ${server.host} --foreign ${address}, if nobody needs it`,
        })),
      ),
  },
  {
    id: "N09",
    severity: "error",
    looksAt: "the interfaces that the definition names on directors",
    why: "keepalived and the agent speak VRRP on no interface that is missing or down",
    find: (ward) =>
      each(directorsIn(ward), (director) => [...linksDown(director), ...linksMissing(director)]),
    // One that is missing lets no apply begin, or is a matter of what an apply brings.
    early: (ward) => each(directorsIn(ward), linksDown),
  },
]

type Found = Omit<Symptom, "host">

/** A VIP of a real server, as it stands on one of its interfaces. */
interface Held {
  readonly vip: RealServer["view"]["vips"][number]
  readonly device: string
  readonly prefix: number
}

function otherPrefixes({ host }: EarlyRealServer, held: readonly Held[]): Found[] {
  return held
    .filter(({ vip, prefix, device }) => device === vip.device && prefix !== vip.prefix)
    .map(({ vip, prefix, device }) => ({
      message: `holds the VIP ${vip.address} with the prefix /${prefix} on ${device}`,
      cure: `ip address del ${vip.address}/${prefix} dev ${device} on ${host}`,
    }))
}

function otherDevices({ host }: EarlyRealServer, held: readonly Held[]): Found[] {
  return held
    .filter(({ vip, device }) => device !== vip.device && device !== "lo")
    .map(({ vip, prefix, device }) => ({
      message: `holds the VIP ${vip.address} on ${device} instead of ${vip.device}`,
      cure: `ip address del ${vip.address}/${prefix} dev ${device} on ${host}`,
    }))
}

/** The interfaces that a director's definition names, with what they are. */
function linksOf({ state, input: { observed } }: EarlyDirector) {
  const named = [...state.vrrp, ...state.connectionSync].map((one) => one.interface)
  return [...new Set(named)].map((name) => ({
    name,
    link: observed.links.find((one) => one.name === name),
  }))
}

function linksDown(director: EarlyDirector): Found[] {
  return linksOf(director)
    .filter(({ link }) => link?.up === false)
    .map(({ name }) => ({
      message: `the interface ${name} is down`,
      cure: `ip link set ${name} up on ${director.host}`,
    }))
}

function linksMissing(director: EarlyDirector): Found[] {
  const { links } = director.input.observed
  const others = links.map(({ name }) => name).filter((name) => name !== "lo")
  return linksOf(director)
    .filter(({ link }) => link === undefined)
    .map(({ name }) => ({
      message: `there is no interface ${name}`,
      cure: `name another in the definition (${others.join(", ")}), or make it: ip link add ${name} type dummy`,
    }))
}

/** VIPs of a real server wherever it holds them. */
function held({ view, input: { observed } }: EarlyRealServer): Held[] {
  const vips = new Map(view.vips.map((vip) => [vip.address, vip]))
  return observed.addresses.flatMap(({ address, device, prefix }) => {
    const vip = vips.get(address)
    return vip === undefined ? [] : [{ vip, device, prefix }]
  })
}

/** Those that lbctl did not put there: an apply leaves them. */
function heldByOthers(server: EarlyRealServer): Held[] {
  const { addresses } = server.input.observed.owned
  const own = new Set(addresses.map((one) => `${one.address}/${one.prefix} ${one.device}`))
  return held(server).filter(
    ({ vip, device, prefix }) => !own.has(`${vip.address}/${prefix} ${device}`),
  )
}

function strays({ view, input }: RealServer): { address: string }[] {
  const known = new Set([
    ...view.vips.map(({ address }) => address),
    ...input.view.addresses,
    ...input.bundle.addresses.map(({ address }) => address),
  ])
  return input.observed.addresses.filter(
    ({ address, prefix, device }) =>
      device === "lo" &&
      prefix === (address.includes(":") ? 128 : 32) &&
      !address.startsWith("127.") &&
      address !== "::1" &&
      !known.has(address),
  )
}
