import { Secret } from "../../core/secret.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import { openAge, wantsPassphrase } from "./age.ts"
import { openVault } from "./ansible-vault.ts"
import type { Keys } from "./keys.ts"
import type { Refusal } from "./refusal.ts"
import type { SopsBlock } from "./sops.ts"
import { decryptBySops } from "./sops-program.ts"

/** What a SOPS file is opened with: its data key, or all of its values from the program sops. */
export type SopsOpening =
  | { readonly by: "key"; readonly dataKey: Buffer }
  | { readonly by: "program"; readonly value: unknown }

/**
 * Opens what is encrypted. Files of age and SOPS open asynchronously while input is read synchronously: such a file is
 * `undefined` at first and noted; `openNoted` opens what was noted, and the input is read again.
 */
export interface Keyring {
  readonly vault: (text: string) => Result<string, Refusal>
  readonly environment: (name: string) => Result<Secret, Refusal>
  readonly age: (path: string, bytes: Buffer) => Result<Buffer, Refusal> | undefined
  readonly sops: (path: string, block: SopsBlock) => Result<SopsOpening, Refusal> | undefined
  /** False when nothing was noted since the last time. */
  readonly openNoted: () => Promise<boolean>
}

/** A keyring with these keys; it remembers what it has opened. */
export function keyringOf(keys: Keys): Keyring {
  const age = remembered((path: string, bytes: Buffer) => openFile(path, bytes, keys))
  const sops = remembered((path: string, block: SopsBlock) => openBlock(path, block, keys))
  const vaults = new Map<string, Result<string, Refusal>>()
  return {
    vault: (text) => {
      const opened = vaults.get(text) ?? openVault(text, keys.vaultPasswords)
      vaults.set(text, opened)
      return opened
    },
    environment: (name) => fromEnvironment(name, keys),
    age: age.get,
    sops: sops.get,
    openNoted: async () => (await age.openNoted()) || sops.openNoted(),
  }
}

function remembered<T, R>(open: (path: string, input: T) => Promise<R>) {
  const known = new Map<string, R>()
  const noted = new Map<string, T>()
  const get = (path: string, input: T): R | undefined => {
    const found = known.get(path)
    if (found === undefined) noted.set(path, input)
    return found
  }
  const openNoted = async (): Promise<boolean> => {
    const some = noted.size > 0
    // One after another: some of them ask on the terminal.
    for (const [path, input] of noted) known.set(path, await open(path, input))
    noted.clear()
    return some
  }
  return { get, openNoted }
}

function fromEnvironment(name: string, keys: Keys): Result<Secret, Refusal> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return err({ message: "!env is followed by the name of a variable", hint: "write !env NAME" })
  const value = keys.environment[name]
  return value === undefined
    ? err({
        message: `the environment variable ${name} is not set`,
        hint: `set it where lbctl runs: export ${name}=...`,
      })
    : ok(new Secret(value))
}

async function openFile(path: string, bytes: Buffer, keys: Keys): Promise<Result<Buffer, Refusal>> {
  if (wantsPassphrase(bytes)) {
    if (keys.askPassphrase !== undefined)
      return openAge(bytes, { passphrase: await keys.askPassphrase(path) })
    return err({
      message: "age encrypted this with a passphrase, and there is no terminal to ask on",
      hint: "run lbctl on a terminal, or encrypt it for an identity (age -r) and add --age-identity FILE",
    })
  }
  if (keys.ageIdentities.length > 0) return openAge(bytes, { identities: keys.ageIdentities })
  return err({
    message: "age encrypted this, and there is no age identity",
    hint: "add --age-identity FILE, or set LBCTL_AGE_IDENTITY",
  })
}

/** Other keys of a SOPS file than age's, by the name of their list (github.com/getsops/sops, README). */
const services = ["kms", "gcp_kms", "azure_kv", "hc_vault", "pgp", "key_groups"]

async function openBlock(
  path: string,
  block: SopsBlock,
  keys: Keys,
): Promise<Result<SopsOpening, Refusal>> {
  const recipients = block.age ?? []
  if (keys.ageIdentities.length > 0)
    for (const { enc } of recipients) {
      const dataKey = await openAge(Buffer.from(enc), { identities: keys.ageIdentities })
      if (dataKey.ok) return ok({ by: "key", dataKey: dataKey.value })
    }
  const others = services.filter((name) => Array.isArray(block[name]) && block[name].length > 0)
  if (others.length === 0)
    return err({
      message: `SOPS encrypted this for ${recipients.map(({ recipient }) => recipient).join(", ") || "nobody"}, and no age identity of yours is among them`,
      hint: "add --age-identity FILE, or set SOPS_AGE_KEY_FILE",
    })
  const decrypted = await decryptBySops(path, others)
  return decrypted.ok ? ok({ by: "program", value: decrypted.value }) : decrypted
}
