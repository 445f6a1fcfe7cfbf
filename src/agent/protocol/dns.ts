import { formatAddress } from "../../core/address.ts"

/** Record types by name: RFC 1035 section 3.2.2, RFC 3596 (AAAA), RFC 2782 (SRV). */
export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const
export type RecordType = keyof typeof recordTypes

/** Response codes by name: RFC 1035 section 4.1.1, RFC 2136 section 2.2. */
export const responseCodes = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
] as const

const internet = 1
const headerLength = 12
/** RFC 1035 section 2.3.4 */
const mostLabelBytes = 63
/** More jumps than a message has names are a circle. */
const mostJumps = 64

/** An answer of a name server. */
export interface DnsAnswer {
  readonly id: number
  readonly isResponse: boolean
  readonly truncated: boolean
  /** A name, or a number that has none here. */
  readonly rcode: string
  readonly question: { readonly name: string; readonly type: number } | undefined
  readonly records: readonly { readonly type: number; readonly data: string }[]
}

/** A question: RFC 1035 section 4.1; recursion is desired. Names are lower case without the dot at the end, the root is empty. */
export function encodeQuestion(id: number, name: string, type: RecordType): Uint8Array {
  const labels = name === "" ? [] : name.split(".")
  const bytes = labels.flatMap((label) => {
    const text = new TextEncoder().encode(label).subarray(0, mostLabelBytes)
    return [text.length, ...text]
  })
  const recursionDesired = 0x01
  const number = recordTypes[type]
  const header = [id >> 8, id & 0xff, recursionDesired, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  const root = 0
  return Uint8Array.from([...header, ...bytes, root, number >> 8, number & 0xff, 0, internet])
}

/** A name as questions and answers compare it. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "")
}

/** A message; undefined when it is not in the grammar of one. */
export function parseAnswer(bytes: Uint8Array): DnsAnswer | undefined {
  try {
    return new Reader(bytes).answer()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  answer(): DnsAnswer {
    const id = this.#u16()
    const flags = this.#u16()
    const [questions, answers] = [this.#u16(), this.#u16()]
    this.#at = headerLength
    let question: DnsAnswer["question"]
    for (let index = 0; index < questions; index++) {
      const asked = { name: this.#name(), type: this.#u16() }
      question ??= asked
      this.#u16()
    }
    const truncated = (flags & 0x0200) !== 0
    const code = flags & 0xf
    const records: { type: number; data: string }[] = []
    for (let index = 0; index < answers; index++) records.push(this.#record())
    return {
      id,
      isResponse: (flags & 0x8000) !== 0,
      truncated,
      rcode: responseCodes[code] ?? String(code),
      question,
      records,
    }
  }

  #record(): { type: number; data: string } {
    this.#name()
    const type = this.#u16()
    this.#at += 6
    const length = this.#u16()
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError("a record longer than its message")
    const data = this.#data(type, end)
    this.#at = end
    return { type, data }
  }

  /** Record data as zone files write it: RFC 1035 section 3.3. */
  #data(type: number, end: number): string {
    switch (type) {
      case recordTypes.A:
      case recordTypes.AAAA:
        return this.#address(end)
      case recordTypes.NS:
      case recordTypes.CNAME:
      case recordTypes.PTR:
        return this.#name()
      case recordTypes.SOA:
        return `${this.#name()} ${this.#name()} ${this.#u32()} ${this.#u32()} ${this.#u32()} ${this.#u32()} ${this.#u32()}`
      case recordTypes.MX:
        return `${this.#u16()} ${this.#name()}`
      case recordTypes.SRV:
        return `${this.#u16()} ${this.#u16()} ${this.#u16()} ${this.#name()}`
      case recordTypes.TXT:
        return this.#texts(end)
      default:
        return ""
    }
  }

  #address(end: number): string {
    const bytes = this.#bytes.subarray(this.#at, end)
    if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError("no address")
    return formatAddress(bytes)
  }

  #texts(end: number): string {
    let text = ""
    while (this.#at < end) {
      const length = this.#u8()
      text += new TextDecoder().decode(this.#bytes.subarray(this.#at, this.#at + length))
      this.#at += length
    }
    return text
  }

  /** A name, by its compression (RFC 1035 section 4.1.4). */
  #name(): string {
    const labels: string[] = []
    let back: number | undefined
    for (let jumps = 0; jumps <= mostJumps;) {
      const length = this.#u8()
      if (length === 0) {
        if (back !== undefined) this.#at = back
        return plainName(labels.join("."))
      }
      if (length > mostLabelBytes) {
        const target = ((length & 0x3f) << 8) | this.#u8()
        back ??= this.#at
        this.#at = target
        jumps++
        continue
      }
      const label = this.#bytes.subarray(this.#at, this.#at + length)
      labels.push(new TextDecoder("latin1").decode(label))
      this.#at += length
    }
    throw new RangeError("a name that runs in a circle")
  }

  #u8(): number {
    return this.#view.getUint8(this.#at++)
  }

  #u16(): number {
    const value = this.#view.getUint16(this.#at)
    this.#at += 2
    return value
  }

  #u32(): number {
    const value = this.#view.getUint32(this.#at)
    this.#at += 4
    return value
  }
}
