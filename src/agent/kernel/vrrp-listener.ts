import { createSocket } from "node:dgram"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import type { OtherAdvert } from "../../model/doctor.ts"
import { etherTypes } from "../protocol/ethernet.ts"
import { vrrpGroups } from "../protocol/vrrp.ts"
import { parseVrrpFrame, vrrpFilters } from "../protocol/vrrp-frame.ts"
import { localAddresses } from "./addresses.ts"
import { openPacketSocket, type PacketSocket } from "./packet-socket.ts"

const pollMs = 50

/**
 * Listens to VRRP on an interface for so long, milliseconds: everybody's but this host's own, each source and virtual router once,
 * with the last priority. Unicast adverts to others are not heard.
 * @throws Failure when the interface is missing or down, or CAP_NET_RAW is missing.
 */
export async function hearAdverts(interfaceName: string, listenMs: number): Promise<OtherAdvert[]> {
  const heard = new Map<string, OtherAdvert>()
  const ends = await joinGroups(interfaceName)
  try {
    const ears = ([4, 6] as const).map((version) => {
      const socket = openEar(interfaceName, version)
      ends.push(() => socket.close())
      return { version, socket }
    })
    for (const until = performance.now() + listenMs; performance.now() < until; await sleep(pollMs))
      for (const advert of ears.flatMap(({ version, socket }) => advertsOf(socket, version)))
        heard.set(`${advert.source} ${advert.virtualRouterId}`, advert)
  } finally {
    for (const end of ends) end()
  }
  return [...heard.values()]
}

function openEar(interfaceName: string, version: 4 | 6): PacketSocket {
  const etherType = version === 4 ? etherTypes.ipv4 : etherTypes.ipv6
  return openPacketSocket(interfaceName, etherType, vrrpFilters[version])
}

/** What came since the last time; what is no advert is left out. */
function advertsOf(socket: PacketSocket, version: 4 | 6): OtherAdvert[] {
  return socket.read().flatMap((frame) => {
    const parsed = parseVrrpFrame(frame, version)
    if (!parsed.ok) return []
    const { source, advert } = parsed.value
    return [{ source, virtualRouterId: advert.virtualRouterId, priority: advert.priority }]
  })
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
