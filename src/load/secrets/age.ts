import type { Secret } from "../../core/secret.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import type { Refusal } from "./refusal.ts"

const binary = "age-encryption.org/v1\n"
const armoured = "-----BEGIN AGE ENCRYPTED FILE-----"

/** Whether bytes are a file of age's, armoured or not (age-encryption.org/v1, C2SP). */
export function isAge(bytes: Buffer): boolean {
  return [binary, armoured].some(
    (start) => bytes.subarray(0, start.length).toString("latin1") === start,
  )
}

/** Whether an age file opens with a passphrase: its only stanza is one of scrypt's. */
export function wantsPassphrase(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 4096).toString("latin1")
  if (head.startsWith(binary)) return head.slice(binary.length).startsWith("-> scrypt ")
  const body = head.slice(armoured.length).replaceAll(/\s|-----END.*/g, "")
  return Buffer.from(body.slice(0, 400), "base64")
    .toString("latin1")
    .startsWith(`${binary}-> scrypt `)
}

/** What opens age files: identities (`AGE-SECRET-KEY-1...`), or a passphrase. */
export type AgeKey = { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }

/** The bytes that age encrypted. The package is loaded when there is something to open. */
export async function openAge(bytes: Buffer, key: AgeKey): Promise<Result<Buffer, Refusal>> {
  const { Decrypter, armor } = await import("age-encryption")
  const decrypter = new Decrypter()
  if ("passphrase" in key) decrypter.addPassphrase(key.passphrase.reveal())
  else for (const identity of key.identities) decrypter.addIdentity(identity.reveal())
  try {
    const text = bytes.toString("latin1")
    const raw = text.startsWith(armoured) ? armor.decode(text) : new Uint8Array(bytes)
    return ok(Buffer.from(await decrypter.decrypt(raw)))
  } catch {
    return err({
      message:
        "passphrase" in key
          ? "the passphrase does not open what age encrypted here"
          : "no age identity opens what age encrypted here",
      hint: "it was encrypted for another key, or has been damaged",
    })
  }
}
