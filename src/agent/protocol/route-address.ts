import { addressBytes, contains, family } from "../../core/address.ts"
import { AttributeWriter } from "./attribute-writer.ts"
import { type Acknowledgement, decodeAcknowledgement, messageFlags } from "./generic-netlink.ts"

/** include/uapi/linux/rtnetlink.h: RTM_* */
const types = { add: 20, remove: 21 } as const
/** include/uapi/linux/netlink.h: NLM_F_EXCL and NLM_F_CREATE, for a new object only. */
const [exclusive, create] = [0x200, 0x400]
const headerLength = 16
/** include/uapi/linux/if_addr.h: IFA_*, IFA_F_NODAD */
const attributes = { address: 1, local: 2, cacheInfo: 6 } as const
const noDuplicateDetection = 0x02
/** include/uapi/linux/rtnetlink.h: RT_SCOPE_UNIVERSE, RT_SCOPE_LINK */
const scopes = { global: 0, link: 253 } as const
/** include/uapi/linux/socket.h */
const families = { 4: 2, 6: 10 } as const
const errorType = 2
const forever = 0xffffffff

/** An address by itself (/32 or /128) that an interface is to have, or to have no longer. */
export interface AddressRequest {
  readonly action: keyof typeof types
  readonly interfaceIndex: number
  readonly address: string
}

/**
 * The rtnetlink message of a request, with an acknowledgement wanted (rtnetlink(7)). A new IPv6 address is there at once, without
 * duplicate address detection, and is chosen as source by nothing (preferred lifetime 0), as keepalived has it. An anchor of
 * 169.254.0.0/16 has link scope (RFC 3927).
 */
export function encodeAddressRequest(request: AddressRequest, sequence: number): Uint8Array {
  const { action, address, interfaceIndex } = request
  const version = family(address) === 6 ? 6 : 4
  const bytes = addressBytes(address)
  const head = new Uint8Array(headerLength + 8)
  const view = new DataView(head.buffer)
  view.setUint16(4, types[action], true)
  const flags = messageFlags.request | messageFlags.ack
  view.setUint16(6, action === "add" ? flags | exclusive | create : flags, true)
  view.setUint32(8, sequence, true)
  const isLink = contains("169.254.0.0", 16, address)
  const ifaddrmsg = [
    families[version],
    bytes.length * 8,
    version === 6 ? noDuplicateDetection : 0,
    isLink ? scopes.link : scopes.global,
  ]
  head.set(ifaddrmsg, headerLength)
  view.setInt32(headerLength + 4, interfaceIndex, true)
  const body = new AttributeWriter().bytes(attributes.local, bytes).bytes(attributes.address, bytes)
  if (version === 6 && action === "add") body.bytes(attributes.cacheInfo, notPreferred())
  const rest = body.finish()
  view.setUint32(0, head.length + rest.length, true)
  const message = new Uint8Array(head.length + rest.length)
  message.set(head)
  message.set(rest, head.length)
  return message
}

/** The outcomes in a datagram of the kernel's, each with the sequence number of its request. */
export function decodeOutcomes(
  datagram: Uint8Array,
): readonly (Acknowledgement & { readonly sequence: number })[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
  const outcomes: (Acknowledgement & { readonly sequence: number })[] = []
  for (let at = 0; at + headerLength <= datagram.length;) {
    const length = view.getUint32(at, true)
    if (length < headerLength || at + length > datagram.length) break
    const payload = datagram.subarray(at + headerLength, at + length)
    const outcome =
      view.getUint16(at + 4, true) === errorType
        ? decodeAcknowledgement(payload, view.getUint16(at + 6, true))
        : undefined
    if (outcome !== undefined) outcomes.push({ ...outcome, sequence: view.getUint32(at + 8, true) })
    at += (length + 3) & ~3
  }
  return outcomes
}

/** struct ifa_cacheinfo: preferred and valid lifetimes in seconds, and two times that the kernel fills in. */
function notPreferred(): Uint8Array {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(4, forever, true)
  return bytes
}
