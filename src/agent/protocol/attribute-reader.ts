const headerLength = 4
/** NLA_TYPE_MASK: the upper two bits of a type are NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const typeMask = 0x3fff

/**
 * Reads a stream of netlink attributes (see AttributeWriter for the format); of two of one type the last counts, as in the kernel's
 * nla_parse. A truncated attribute ends the stream. Every reader returns undefined when the attribute is absent or of another length.
 */
export class AttributeReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #spans = new Map<number, { readonly start: number; readonly length: number }>()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + headerLength <= bytes.length;) {
      const length = this.#view.getUint16(at, true)
      if (length < headerLength || at + length > bytes.length) break
      const type = this.#view.getUint16(at + 2, true) & typeMask
      this.#spans.set(type, { start: at + headerLength, length: length - headerLength })
      at += (length + 3) & ~3
    }
  }

  u8(type: number): number | undefined {
    const start = this.#startOf(type, 1)
    return start === undefined ? undefined : this.#view.getUint8(start)
  }

  u16(type: number): number | undefined {
    const start = this.#startOf(type, 2)
    return start === undefined ? undefined : this.#view.getUint16(start, true)
  }

  u16be(type: number): number | undefined {
    const start = this.#startOf(type, 2)
    return start === undefined ? undefined : this.#view.getUint16(start)
  }

  u32(type: number): number | undefined {
    const start = this.#startOf(type, 4)
    return start === undefined ? undefined : this.#view.getUint32(start, true)
  }

  u32be(type: number): number | undefined {
    const start = this.#startOf(type, 4)
    return start === undefined ? undefined : this.#view.getUint32(start)
  }

  /** A counter of 4 or 8 bytes; beyond 2^53 it loses its last digits. */
  counter(type: number): number | undefined {
    const start = this.#startOf(type, 8)
    return start === undefined ? this.u32(type) : Number(this.#view.getBigUint64(start, true))
  }

  bytes(type: number): Uint8Array | undefined {
    const span = this.#spans.get(type)
    return span && this.#bytes.subarray(span.start, span.start + span.length)
  }

  /** Text up to the first NUL. */
  string(type: number): string | undefined {
    const bytes = this.bytes(type)
    if (bytes === undefined) return undefined
    const end = bytes.indexOf(0)
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
  }

  nest(type: number): AttributeReader | undefined {
    const bytes = this.bytes(type)
    return bytes && new AttributeReader(bytes)
  }

  #startOf(type: number, length: number): number | undefined {
    const span = this.#spans.get(type)
    return span?.length === length ? span.start : undefined
  }
}
