import { createCipheriv, createHash, randomBytes } from "node:crypto"
import { Encrypter, armor } from "age-encryption"

type Tree = { readonly [name: string]: string | number | boolean | null | Tree | readonly string[] }

/**
 * A JSON file as SOPS makes it for an age recipient: a double of the program, which Debian does not have. Written from the
 * description in its README and compared with files of the program; it cannot show what both of us have misread.
 */
export async function sopsFile(
  tree: Tree,
  recipient: string,
  options: { readonly macOnlyEncrypted?: boolean; readonly unencrypted?: RegExp } = {},
): Promise<string> {
  const key = randomBytes(32)
  const lastmodified = "2026-01-02T03:04:05Z"
  const hash = createHash("sha512")
  if (options.macOnlyEncrypted === true) hash.update(createHash("sha256").update("sops").digest())
  const walk = (value: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, path))
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, walk(item, [...path, name])]),
      )
    if (value === null) return value
    const isPlain = options.unencrypted?.test(path.join(".")) === true
    if (!isPlain || options.macOnlyEncrypted !== true) hash.update(bytesOf(value))
    return isPlain ? value : seal(bytesOf(value), typeOf(value), key, `${path.join(":")}:`)
  }
  const encrypted = walk(tree, []) as object
  const mac = seal(hash.digest("hex").toUpperCase(), "str", key, lastmodified)
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  const enc = armor.encode(await encrypter.encrypt(new Uint8Array(key)))
  const only = options.macOnlyEncrypted === true ? { mac_only_encrypted: true } : {}
  const sops = { age: [{ recipient, enc }], lastmodified, mac, ...only, version: "3.8.1" }
  return JSON.stringify({ ...encrypted, sops }, undefined, 2)
}

function bytesOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False"
  return String(value)
}

function typeOf(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float"
  return typeof value === "boolean" ? "bool" : "str"
}

function seal(text: string, type: string, key: Buffer, context: string): string {
  const iv = randomBytes(32)
  const cipher = createCipheriv("aes-256-gcm", key, iv)
  cipher.setAAD(Buffer.from(context))
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  const parts = [data, iv, cipher.getAuthTag()].map((part) => part.toString("base64"))
  return `ENC[AES256_GCM,data:${parts[0]},iv:${parts[1]},tag:${parts[2]},type:${type}]`
}
