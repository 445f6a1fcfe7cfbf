import { createDecipheriv, createHash } from "node:crypto"
import { Secret } from "../../core/secret.ts"
import type { SecretValue } from "../../core/secret.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"

/** The part of a SOPS file's `sops` block that opening it needs. */
export interface SopsBlock {
  readonly lastmodified: string
  readonly mac: string
  readonly mac_only_encrypted?: boolean
  readonly age?: readonly { readonly recipient: string; readonly enc: string }[] | null
  readonly [other: string]: unknown
}

type Path = readonly string[]
type Sealed = { readonly type: string; readonly bytes: Buffer }

/** The `sops` block of a document encrypted by SOPS; undefined of any other. */
export function sopsBlock(value: unknown): SopsBlock | undefined {
  if (typeof value !== "object" || value === null || !("sops" in value)) return undefined
  const { sops } = value
  if (typeof sops !== "object" || sops === null) return undefined
  return "mac" in sops && "lastmodified" in sops && typeof sops.mac === "string"
    ? (sops as SopsBlock)
    : undefined
}

/**
 * A document that SOPS encrypted, without its `sops` block, every value that was encrypted as a Secret. The MAC over all
 * values, encrypted or not, must be right: nobody has changed, added or moved one (github.com/getsops/sops, "Encryption
 * protocol" and "Message authentication code"). The error names the key that cannot be opened, empty for the whole file.
 */
export function openSops(document: object, dataKey: Buffer): Result<unknown, Path> {
  const block = sopsBlock(document)
  if (block === undefined) return ok(document)
  const hash = createHash("sha512")
  // A fixed start keeps MACs of the two kinds apart (sops.go, MACOnlyEncryptedInitialization: SHA-256 of "sops").
  if (block.mac_only_encrypted === true) hash.update(createHash("sha256").update("sops").digest())
  const { sops: _, ...rest } = document as Readonly<Record<string, unknown>>
  try {
    const value = walk(rest, [], (leaf, path) => {
      const sealed =
        typeof leaf === "string" ? unseal(leaf, dataKey, `${path.join(":")}:`, path) : undefined
      if (sealed === undefined) {
        if (block.mac_only_encrypted !== true) hash.update(plainBytes(leaf))
        return leaf
      }
      hash.update(sealed.bytes)
      return new Secret(typed(sealed))
    })
    const mac = unseal(block.mac, dataKey, block.lastmodified, [])?.bytes.toString("utf8")
    return mac === hash.digest("hex").toUpperCase() ? ok(value) : err([])
  } catch (thrown) {
    if (thrown instanceof Unopened) return err(thrown.path)
    throw thrown
  }
}

class Unopened extends Error {
  readonly path: Path
  constructor(path: Path) {
    super("unopened")
    this.path = path
  }
}

/** Values in the order of the file; items of a list have the path of the list. */
function walk(value: unknown, path: Path, leaf: (value: unknown, path: Path) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, path, leaf))
  if (typeof value !== "object" || value === null) return leaf(value, path)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, walk(item, [...path, name], leaf)]),
  )
}

/** `ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]`; undefined for a text that is none. */
function unseal(text: string, key: Buffer, context: string, path: Path): Sealed | undefined {
  const match = /^ENC\[AES256_GCM,data:([^,]*),iv:([^,]*),tag:([^,]*),type:(\w+)\]$/.exec(text)
  if (match === null) return undefined
  const [data = "", iv = "", tag = ""] = match.slice(1)
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64"), {
      authTagLength: 16,
    })
    cipher.setAAD(Buffer.from(context))
    cipher.setAuthTag(Buffer.from(tag, "base64"))
    const bytes = Buffer.concat([cipher.update(Buffer.from(data, "base64")), cipher.final()])
    return { type: match[4] ?? "str", bytes }
  } catch {
    throw new Unopened(path)
  }
}

function typed({ type, bytes }: Sealed): SecretValue {
  const text = bytes.toString("utf8")
  if (type === "int" || type === "float") return Number(text)
  return type === "bool" ? text.toLowerCase() === "true" : text
}

/** As SOPS puts a plain value into its MAC (sops.go, ToBytes): True and False, numbers without exponent, nothing for null. */
function plainBytes(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False"
  return typeof value === "string" || typeof value === "number" ? String(value) : ""
}
