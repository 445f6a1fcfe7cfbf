import type { Check, RealServer } from "./check.ts"
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
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        held(server)
          .filter(({ vip, prefix, device }) => device === vip.device && prefix !== vip.prefix)
          .map(({ vip, prefix, device }) => ({
            message: `holds the VIP ${vip.address} with the prefix /${prefix} on ${device}`,
            cure: `ip address del ${vip.address}/${prefix} dev ${device} on ${server.host}`,
          })),
      ),
  },
  {
    id: "N03",
    severity: "error",
    looksAt: "VIPs on other interfaces of real servers",
    why: "on an interface to a network the host answers for the VIP, and IPv6 finds the address taken",
    find: (ward) =>
      each(realServersIn(ward), (server) =>
        held(server)
          .filter(({ vip, device }) => device !== vip.device && device !== "lo")
          .map(({ vip, prefix, device }) => ({
            message: `holds the VIP ${vip.address} on ${device} instead of ${vip.device}`,
            cure: `ip address del ${vip.address}/${prefix} dev ${device} on ${server.host}`,
          })),
      ),
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
        strays(server).map(({ address, prefix }) => ({
          message: `holds ${address} on lo, which is no VIP of its services`,
          cure: `ip address del ${address}/${prefix} dev lo on ${server.host}, if nobody needs it`,
        })),
      ),
  },
  {
    id: "N09",
    severity: "error",
    looksAt: "the interfaces that the definition names on directors",
    why: "keepalived and the agent speak VRRP on no interface that is missing or down",
    find: (ward) =>
      each(directorsIn(ward), ({ host, state, input: { observed } }) => {
        const named = [...state.vrrp, ...state.connectionSync].map((one) => one.interface)
        return [...new Set(named)].flatMap((name) => {
          const link = observed.links.find((one) => one.name === name)
          if (link?.up === true) return []
          if (link !== undefined)
            return [
              {
                message: `the interface ${name} is down`,
                cure: `ip link set ${name} up on ${host}`,
              },
            ]
          const others = observed.links.map((one) => one.name).filter((one) => one !== "lo")
          return [
            {
              message: `there is no interface ${name}`,
              cure: `name another in the definition (${others.join(", ")}), or make it: ip link add ${name} type dummy`,
            },
          ]
        })
      }),
  },
]

/** VIPs of a real server wherever it holds them. */
function held({ view, input: { observed } }: RealServer) {
  return view.vips.flatMap((vip) =>
    observed.addresses
      .filter(({ address }) => address === vip.address)
      .map(({ device, prefix }) => ({ vip, device, prefix })),
  )
}

function strays({ view, input }: RealServer): { address: string; prefix: number }[] {
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
