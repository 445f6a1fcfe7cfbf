import { createHash, createHmac } from "node:crypto"

/** RFC 2865 section 4. */
const accessRequest = 1
const answers: Readonly<Record<number, RadiusAnswer>> = {
  2: "accept",
  3: "reject",
  11: "challenge",
}
export type RadiusAnswer = "accept" | "reject" | "challenge"

/** RFC 2865 section 5; message authenticator: RFC 2869 section 5.14. */
const attributes = {
  userName: 1,
  userPassword: 2,
  nasIdentifier: 32,
  messageAuthenticator: 80,
} as const
const headerLength = 20
const authenticatorLength = 16
/** RFC 2865 section 5.2: 128 octets at most, in blocks of 16. */
const mostPasswordBytes = 128
const blockBytes = 16

/** Who asks to be let in. */
export interface RadiusLogin {
  readonly user: string
  readonly password: string
  readonly secret: string
}

/** An Access-Request: RFC 2865 section 4.1, with the message authenticator that servers demand since CVE-2024-3596. */
export function encodeRequest(
  id: number,
  authenticator: Uint8Array,
  { user, password, secret }: RadiusLogin,
): Uint8Array {
  const body = Buffer.concat([
    // First, so that it signs before anything else is read.
    attribute(attributes.messageAuthenticator, new Uint8Array(authenticatorLength)),
    attribute(attributes.userName, Buffer.from(user)),
    attribute(attributes.userPassword, hidePassword(password, secret, authenticator)),
    attribute(attributes.nasIdentifier, Buffer.from("lbagent")),
  ])
  const packet = Buffer.concat([new Uint8Array(headerLength), body])
  packet.writeUInt8(accessRequest, 0)
  packet.writeUInt8(id, 1)
  packet.writeUInt16BE(packet.length, 2)
  packet.set(authenticator, 4)
  packet.set(createHmac("md5", secret).update(packet).digest(), headerLength + 2)
  return packet
}

/** RFC 2865 section 5.2: the password under a stream of MD5 digests of the secret. */
export function hidePassword(
  password: string,
  secret: string,
  authenticator: Uint8Array,
): Uint8Array {
  const plain = Buffer.from(password).subarray(0, mostPasswordBytes)
  const hidden = Buffer.alloc(Math.ceil(plain.length / blockBytes) * blockBytes)
  plain.copy(hidden)
  let before: Uint8Array = authenticator
  for (let at = 0; at < hidden.length; at += blockBytes) {
    const mask = createHash("md5").update(secret).update(before).digest()
    const block = hidden.subarray(at, at + blockBytes)
    for (const [index, byte] of mask.entries()) block[index] = (block[index] ?? 0) ^ byte
    before = block
  }
  return hidden
}

/** Whether a packet answers a request and is signed with its secret: RFC 2865 section 3, response authenticator. */
export function isSigned(
  packet: Uint8Array,
  id: number,
  authenticator: Uint8Array,
  secret: string,
): boolean {
  const bytes = Buffer.from(packet)
  if (bytes.length < headerLength || bytes[1] !== id) return false
  const length = bytes.readUInt16BE(2)
  if (length < headerLength || length > bytes.length) return false
  const digest = createHash("md5")
    .update(bytes.subarray(0, 4))
    .update(authenticator)
    .update(bytes.subarray(headerLength, length))
    .update(secret)
    .digest()
  return digest.equals(bytes.subarray(4, headerLength))
}

/** What a server answers; undefined for anything that is no answer to an Access-Request. */
export function answerOf(packet: Uint8Array): RadiusAnswer | undefined {
  return answers[packet[0] ?? 0]
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  return Buffer.from([type, value.length + 2, ...value])
}
