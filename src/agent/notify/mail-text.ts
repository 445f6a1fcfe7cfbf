import type { MailRoute } from "../../model/notifications.ts"

/** What a message is besides its route. */
export interface MailContent {
  readonly subject: string
  readonly body: string
  readonly date: Date
  /** Unique: the left part of the Message-ID. */
  readonly id: string
  /** The sending host's name. */
  readonly host: string
}

/**
 * A message as DATA takes it: headers of RFC 5322, CRLF, lines of at most 998 octets, leading dots doubled (RFC 5321,
 * section 4.5.2), without the ending dot. Beyond ASCII the subject is an encoded word (RFC 2047), the body base64.
 */
export function mailText({ from, to }: MailRoute, content: MailContent): string {
  const { subject, body, date, id, host } = content
  const headers = [
    `From: ${from}`,
    `To: ${to.join(", ")}`,
    `Subject: ${encodedWord(subject)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id}@${host}>`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
  ]
  const lines =
    Buffer.from(body, "utf8")
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  return [...headers, "", ...lines, ""].map((line) => line.replace(/^\./, "..")).join("\r\n")
}

/** ASCII as it is, on one line; anything else in words of at most 75 characters. */
function encodedWord(text: string): string {
  const line = text.replace(/[\r\n]+/g, " ")
  if (/^[\x20-\x7e]{0,900}$/.test(line)) return line
  const words: string[] = []
  let word = ""
  for (const letter of line) {
    if (Buffer.byteLength(word + letter) > 42) {
      words.push(word)
      word = ""
    }
    word += letter
  }
  return [...words, word]
    .map((part) => `=?utf-8?B?${Buffer.from(part, "utf8").toString("base64")}?=`)
    .join("\r\n ")
}
