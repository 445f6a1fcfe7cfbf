import { plural } from "../core/text.ts"

/** Records without contents, as docs/node-protocol.md has them. */
const plain = new Set(
  (
    "fact link address file sysctl no-sysctl module unit command agent runtime release owned transaction last lease hold " +
    "unreadable staged locked settled stale armed done activated confirmed reverted gone aborted taken renewed lost lifted " +
    "released held current end"
  ).split(" "),
)

/** Records with something encoded: how many words come before it. */
const encoded: Readonly<Record<string, number>> = {
  content: 2,
  table: 1,
  "agent-status": 1,
  bundle: 1,
  refused: 3,
  failed: 2,
  "revert-failed": 1,
}

/** Records with the SHA-256 of a file, by which somebody could try out what a secret in it might be. */
const hashed = new Set(["file", "owned", "content"])

/**
 * A line that a node answered as it may be told: what is encoded is replaced by its size, the hash of a file by `(hash)`, and
 * a line that is no record (a login that prints something, the words of an agent) by its size as a whole.
 */
export function toldRecord(line: string): string {
  const words = line.split(" ")
  const [name = ""] = words
  const before = Object.hasOwn(encoded, name) ? encoded[name] : undefined
  if (before === undefined && !plain.has(name)) return `(${size(line)}, no record)`
  const told = before === undefined ? words : withoutContent(words, before)
  return told.map((word) => (hashed.has(name) ? withoutHash(word) : word)).join(" ")
}

function withoutContent(words: readonly string[], before: number): string[] {
  const content = words.slice(before).join(" ")
  const kept = words.slice(0, before)
  return content === "" || content === "-" ? [...words] : [...kept, `(${contentSize(content)})`]
}

function withoutHash(word: string): string {
  return /^[0-9a-f]{64}$/.test(word) ? "(hash)" : word
}

/** Of what is encoded, not of the base64 that it travels in (RFC 4648, section 4); the JSON of `agent-status` is as it is. */
function contentSize(content: string): string {
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(content)
  return isBase64 ? plural(Buffer.byteLength(content, "base64"), "byte") : size(content)
}

function size(text: string): string {
  return plural(Buffer.byteLength(text), "byte")
}

/** The release that an answer says the host holds: of `observe`, of its lock, of its history. */
export function releaseHeld(answer: string): string | undefined {
  return /^(?:release|taken|current) ([0-9a-f]{64})$/m.exec(answer)?.[1]
}
