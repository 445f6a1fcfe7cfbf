import { family } from "../../core/address.ts"
import { gratuitousArp } from "../protocol/arp.ts"
import { unsolicitedAdvertisement } from "../protocol/neighbour-discovery.ts"
import { openPacketSocket } from "./packet-socket.ts"

/** No EtherType: the socket sends only (packet(7)). */
const hearsNothing = 0

/**
 * Tells the segment that these addresses are at this interface's MAC: one gratuitous ARP or unsolicited neighbour advertisement for each.
 * @throws Failure when the interface is missing or down.
 */
export function announceAddresses(interfaceName: string, addresses: readonly string[]): void {
  const socket = openPacketSocket(interfaceName, hearsNothing)
  const { mac } = socket
  try {
    for (const address of addresses)
      socket.send(
        family(address) === 4
          ? gratuitousArp(mac, address)
          : unsolicitedAdvertisement({ address, mac }),
      )
  } finally {
    socket.close()
  }
}
