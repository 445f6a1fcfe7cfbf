import { AttributeReader } from "./attribute-reader.ts"
import { AttributeWriter } from "./attribute-writer.ts"

/** include/uapi/linux/netlink.h */
export const messageTypes = { error: 2, done: 3 } as const
/** include/uapi/linux/netlink.h: NLM_F_*. `cappedAck` and `ackAttributes` stand in an answer, the others in a request. */
export const messageFlags = {
  request: 0x01,
  multi: 0x02,
  ack: 0x04,
  dump: 0x300,
  cappedAck: 0x100,
  ackAttributes: 0x200,
} as const

/** The controller that knows every generic netlink family (include/uapi/linux/genetlink.h). */
export const controller = { family: 16, version: 1, getFamily: 3 } as const
const controllerAttributes = { familyId: 1, familyName: 2 } as const

/** Attributes of CTRL_CMD_GETFAMILY: which number has the family of this name? */
export function encodeFamilyQuestion(name: string): Uint8Array {
  return new AttributeWriter().string(controllerAttributes.familyName, name).finish()
}

/** The family's number in the controller's answer. */
export function decodeFamilyAnswer(attributes: Uint8Array): number | undefined {
  return new AttributeReader(attributes).u16(controllerAttributes.familyId)
}

/** Outcome of one request: errno 0 is success. */
export interface Acknowledgement {
  readonly errno: number
  /** The kernel's own words, where it has any (NETLINK_EXT_ACK). */
  readonly text?: string
}

const errorHeader = 4
const messageHeader = 16
/** NLMSGERR_ATTR_MSG */
const messageAttribute = 1

/**
 * Payload of an NLMSG_ERROR: negated errno, header of the request (and the request itself unless capped), attributes.
 * @param flags of the message's header.
 */
export function decodeAcknowledgement(
  payload: Uint8Array,
  flags: number,
): Acknowledgement | undefined {
  if (payload.length < errorHeader + messageHeader) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const errno = 0 - view.getInt32(0, true)
  if ((flags & messageFlags.ackAttributes) === 0) return { errno }
  const echoed = flags & messageFlags.cappedAck ? messageHeader : view.getUint32(errorHeader, true)
  const attributes = payload.subarray(errorHeader + ((echoed + 3) & ~3))
  const text = new AttributeReader(attributes).string(messageAttribute)
  return text === undefined ? { errno } : { errno, text }
}
