/** Ethernet II: destination, source, EtherType (IEEE 802.3 clause 3). */
export const ethernetHeaderLength = 14
/** include/uapi/linux/if_ether.h: ETH_P_* */
export const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const
export const broadcastMac = "ff:ff:ff:ff:ff:ff"

/** An Ethernet frame around a payload. */
export function ethernetFrame(
  destination: string,
  source: string,
  etherType: number,
  payload: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(ethernetHeaderLength + payload.length)
  frame.set(macBytes(destination), 0)
  frame.set(macBytes(source), 6)
  new DataView(frame.buffer).setUint16(12, etherType)
  frame.set(payload, ethernetHeaderLength)
  return frame
}

/** The payload of a frame of that type; undefined for another type or a frame cut short. */
export function ethernetPayload(frame: Uint8Array, etherType: number): Uint8Array | undefined {
  if (frame.length < ethernetHeaderLength) return undefined
  const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0)
  return type === etherType ? frame.subarray(ethernetHeaderLength) : undefined
}

/** The 6 bytes of `02:00:00:00:00:01`. */
export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(":"), (part) => Number.parseInt(part, 16))
}

/** `02:00:00:00:00:01` */
export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":")
}
