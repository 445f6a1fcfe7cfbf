const headerLength = 4
const nestedFlag = 0x8000

/**
 * Builds a stream of netlink attributes (struct nlattr, include/uapi/linux/netlink.h): u16 length including the header, u16 type,
 * value, padded to 4 bytes. Numbers are little-endian, as on every host the agent runs on, unless a method's name says `be`.
 */
export class AttributeWriter {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  u8(type: number, value: number): this {
    this.#view.setUint8(this.#begin(type, 1), value)
    return this
  }

  u16(type: number, value: number): this {
    this.#view.setUint16(this.#begin(type, 2), value, true)
    return this
  }

  u16be(type: number, value: number): this {
    this.#view.setUint16(this.#begin(type, 2), value)
    return this
  }

  u32(type: number, value: number): this {
    this.#view.setUint32(this.#begin(type, 4), value, true)
    return this
  }

  u32be(type: number, value: number): this {
    this.#view.setUint32(this.#begin(type, 4), value)
    return this
  }

  bytes(type: number, value: Uint8Array): this {
    const start = this.#begin(type, value.length)
    this.#bytes.set(value, start)
    return this
  }

  /** NUL-terminated, as NLA_NUL_STRING wants it. */
  string(type: number, value: string): this {
    return this.bytes(type, new TextEncoder().encode(`${value}\0`))
  }

  nest(type: number, fill: (inner: this) => void): this {
    const start = this.#begin(type | nestedFlag, 0)
    fill(this)
    this.#view.setUint16(start - headerLength, this.#length - start + headerLength, true)
    return this
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Writes the header and the padding; returns where the value goes. */
  #begin(type: number, valueLength: number): number {
    const start = this.#length + headerLength
    const end = start + ((valueLength + 3) & ~3)
    if (end > this.#bytes.length) this.#grow(end)
    this.#view.setUint16(this.#length, headerLength + valueLength, true)
    this.#view.setUint16(this.#length + 2, type, true)
    this.#length = end
    return start
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
