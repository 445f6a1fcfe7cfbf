/** A reply of a mail server: RFC 5321 section 4.2. */
export interface SmtpReply {
  readonly code: number
  /** All lines without their codes. */
  readonly text: string
}

/** The length of the reply that bytes begin with; undefined while it is not all there. */
export function replyLength(bytes: Uint8Array): number | undefined {
  const text = new TextDecoder("latin1").decode(bytes)
  let start = 0
  for (;;) {
    const end = text.indexOf("\n", start)
    if (end < 0) return undefined
    const line = text.slice(start, end)
    // `250-` is followed by another line of the same reply; what is no reply ends with its line.
    if (!/^\d{3}-/.test(line)) return end + 1
    start = end + 1
  }
}

/** A whole reply; undefined when it is none. */
export function parseReply(bytes: Uint8Array): SmtpReply | undefined {
  const lines = new TextDecoder("latin1").decode(bytes).trimEnd().split(/\r?\n/)
  const codes = new Set(lines.map((line) => /^(\d{3})(?:[ -]|$)/.exec(line)?.[1]))
  const [code] = codes
  if (codes.size !== 1 || code === undefined) return undefined
  return { code: Number(code), text: lines.map((line) => line.slice(4)).join("\n") }
}
