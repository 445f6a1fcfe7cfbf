import { createSocket } from "node:dgram"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import type { HeardAdvert } from "../../model/doctor.ts"
import { etherTypes } from "../protocol/ethernet.ts"
import { vrrpGroups } from "../protocol/vrrp.ts"
import { parseVrrpFrame, vrrpFilters } from "../protocol/vrrp-frame.ts"
import { localAddresses } from "./addresses.ts"
import { openPacketSocket } from "./packet-socket.ts"

const pollMs = 50

/**
 * Listens to VRRP on an interface for so long, milliseconds: everybody's but this host's own, each source and virtual router once,
 * with the last priority. Unicast adverts to others are not heard.
 * @throws Failure when the interface is missing or down, or CAP_NET_RAW is missing.
 */
export async function hearAdverts(interfaceName: string, listenMs: number): Promise<HeardAdvert[]> {
  const ends = await joinGroups(interfaceName)
  const families = [4, 6] as const
  const sockets = families.map((version) => ({
    version,
    socket: openPacketSocket(
      interfaceName,
      version === 4 ? etherTypes.ipv4 : etherTypes.ipv6,
      vrrpFilters[version],
    ),
  }))
  const heard = new Map<string, HeardAdvert>()
  try {
    for (const until = performance.now() + listenMs; performance.now() < until; await sleep(pollMs))
      for (const { version, socket } of sockets)
        for (const frame of socket.read()) {
          const parsed = parseVrrpFrame(frame, version)
          if (!parsed.ok) continue
          const { source, advert } = parsed.value
          const { virtualRouterId, priority } = advert
          heard.set(`${source} ${virtualRouterId}`, { source, virtualRouterId, priority })
        }
  } finally {
    for (const { socket } of sockets) socket.close()
    for (const end of ends) end()
  }
  return [...heard.values()]
}

/** An interface hands up frames of the groups that somebody on the host is in; nobody may be here who speaks VRRP. */
async function joinGroups(interfaceName: string): Promise<(() => void)[]> {
  const own = localAddresses().filter((local) => local.interface === interfaceName)
  const joined = ([4, 6] as const).map(async (version) => {
    const address = own.find((local) => local.family === version)?.address
    if (address === undefined) return []
    const socket = createSocket(version === 4 ? "udp4" : "udp6")
    socket.bind(0)
    await once(socket, "listening")
    const on = version === 4 ? address : `::%${interfaceName}`
    try {
      socket.addMembership(vrrpGroups[version], on)
    } catch {
      // Adverts to a group that cannot be joined are heard where the interface hands up all: better than nothing.
    }
    return [() => void socket.close()]
  })
  return (await Promise.all(joined)).flat()
}
