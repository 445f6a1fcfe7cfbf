import type { Secret } from "../../core/secret.ts"
import type { VaultPassword } from "./ansible-vault.ts"

/** What opens encrypted input, as the operator gave it. */
export interface Keys {
  readonly vaultPasswords: readonly VaultPassword[]
  /** Texts of `AGE-SECRET-KEY-1...`: for age files and SOPS. */
  readonly ageIdentities: readonly Secret[]
  /** Where `!env NAME` looks. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Asks for the passphrase of a file; not there without a terminal. */
  readonly askPassphrase?: (file: string) => Promise<Secret>
}

/** No keys: what is encrypted stays closed. */
export const noKeys: Keys = { vaultPasswords: [], ageIdentities: [], environment: {} }
