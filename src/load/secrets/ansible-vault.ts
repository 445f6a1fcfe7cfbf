import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto"
import type { Secret } from "../../core/secret.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import type { Refusal } from "./refusal.ts"

/** A password of ansible-vault, and the vault id it was given for. */
export interface VaultPassword {
  readonly id: string
  readonly password: Secret
}

const start = "$ANSIBLE_VAULT;"

/** Whether a text is what ansible-vault makes of one. */
export function isVault(text: string): boolean {
  return text.startsWith(start)
}

interface Envelope {
  /** Vault id of format 1.2. */
  readonly id: string | undefined
  readonly salt: Buffer
  readonly mac: Buffer
  readonly ciphertext: Buffer
}

/**
 * The text that ansible-vault encrypted, in its formats 1.1 and 1.2: passwords of the envelope's vault id are tried
 * first, then all others, as Ansible does.
 * Format: docs.ansible.com, "Encrypting content with Ansible Vault", "Ansible Vault payload format 1.1 - 1.2".
 */
export function openVault(
  text: string,
  passwords: readonly VaultPassword[],
): Result<string, Refusal> {
  const envelope = readEnvelope(text)
  if (!envelope.ok) return envelope
  const { id } = envelope.value
  const named = id === undefined ? "" : ` (vault id ${id})`
  if (passwords.length === 0)
    return err({
      message: `ansible-vault encrypted this${named}, and there is no vault password`,
      hint: "add --vault-password-file FILE or --ask-vault-pass, or set ANSIBLE_VAULT_PASSWORD_FILE",
    })
  const inTurn = [
    ...passwords.filter((one) => one.id === id),
    ...passwords.filter((one) => one.id !== id),
  ]
  for (const { password } of inTurn) {
    const plain = decrypt(envelope.value, password.reveal())
    if (plain !== undefined) return ok(plain)
  }
  const tried = [...new Set(passwords.map((one) => one.id))].join(", ")
  return err({
    message: `no vault password fits what ansible-vault encrypted here${named}`,
    hint: `passwords were given for the vault ids: ${tried}; the text may also have been damaged`,
  })
}

function readEnvelope(text: string): Result<Envelope, Refusal> {
  const [header = "", ...body] = text.split(/\r?\n/).map((line) => line.trim())
  const [, version, cipher, id] = header.split(";")
  if (!["1.1", "1.2"].includes(version ?? "") || cipher !== "AES256")
    return err({
      message: `ansible-vault's format ${header.slice(1, 60)} is not supported`,
      hint: "lbctl reads 1.1 and 1.2 with AES256: encrypt it anew with a current ansible-vault",
    })
  const [salt, mac, ciphertext, ...more] =
    fromHex(body.join(""))?.toString("latin1").split("\n") ?? []
  const parts = [salt, mac, ciphertext].map((part) => fromHex(part ?? ""))
  const [saltBytes, macBytes, cipherBytes] = parts
  if (!saltBytes || macBytes?.length !== 32 || !cipherBytes?.length || more.length > 0)
    return err({
      message: "this text of ansible-vault is damaged",
      hint: "it may have been cut off or indented wrongly: copy it anew, or encrypt the value again",
    })
  return ok({ id, salt: saltBytes, mac: macBytes, ciphertext: cipherBytes })
}

function fromHex(text: string): Buffer | undefined {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined
}

/** Undefined when the password is not the one. */
function decrypt({ salt, mac, ciphertext }: Envelope, password: string): string | undefined {
  const keys = pbkdf2Sync(password, salt, 10_000, 80, "sha256")
  const expected = createHmac("sha256", keys.subarray(32, 64)).update(ciphertext).digest()
  if (!timingSafeEqual(expected, mac)) return undefined
  const cipher = createDecipheriv("aes-256-ctr", keys.subarray(0, 32), keys.subarray(64, 80))
  const padded = Buffer.concat([cipher.update(ciphertext), cipher.final()])
  // PKCS #7 (RFC 5652, section 6.3): the last byte counts the padding.
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0)).toString("utf8")
}
