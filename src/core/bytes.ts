/** Bytes as a user writes them: `hex:00ff` in hexadecimal, anything else as UTF-8. */
export function parseBytes(text: string): Uint8Array {
  if (!text.startsWith("hex:")) return new TextEncoder().encode(text)
  return Uint8Array.from(text.slice(4).match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

/** Whether bytes begin with some others. */
export function beginsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.length <= bytes.length && start.every((byte, index) => bytes[index] === byte)
}

/** The first bytes in a form for messages: quoted text where they are printable, else hexadecimal. */
export function shownBytes(bytes: Uint8Array, most = 32): string {
  const first = bytes.subarray(0, most)
  const more = bytes.length > most ? "..." : ""
  const printable = first.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 13)
  if (printable) return `${JSON.stringify(new TextDecoder().decode(first))}${more}`
  return `hex:${[...first].map((byte) => byte.toString(16).padStart(2, "0")).join("")}${more}`
}
