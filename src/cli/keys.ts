import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import type { Problem } from "../core/problem.ts"
import type { Result } from "../core/result.ts"
import { err, ok } from "../core/result.ts"
import type { Secret } from "../core/secret.ts"
import type { VaultPassword } from "../load/secrets/ansible-vault.ts"
import { ageIdentities, readAgeIdentities, readVaultPassword } from "../load/secrets/key-files.ts"
import type { Keys } from "../load/secrets/keys.ts"
import { askSecret } from "./ask-secret.ts"

/** Options of every command that reads an inventory. */
export interface KeyFlags {
  /** `FILE` or `ID@FILE`. */
  readonly vaultPasswordFile?: readonly string[]
  readonly askVaultPass?: true
  readonly ageIdentity?: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** The keys of the command line and the environment, as Ansible, age and SOPS take them; or all that is wrong with them. */
export async function readKeys(
  flags: KeyFlags,
  environment: Environment,
): Promise<Result<Keys, Problem[]>> {
  const passwords: Result<VaultPassword, Problem>[] = []
  if (flags.askVaultPass === true) passwords.push(ok(await askedPassword("default")))
  for (const source of vaultSources(flags, environment))
    passwords.push(
      source.endsWith("@prompt")
        ? ok(await askedPassword(source.slice(0, -"@prompt".length)))
        : await readVaultPassword(source),
    )
  const identities = ageSources(flags, environment)
  const problems = [...passwords, ...identities].flatMap((one) => (one.ok ? [] : [one.error]))
  if (problems.length > 0) return err(problems)
  return ok({
    vaultPasswords: passwords.flatMap((one) => (one.ok ? [one.value] : [])),
    ageIdentities: identities.flatMap((one) => (one.ok ? one.value : [])),
    environment,
    ...(process.stdin.isTTY ? { askPassphrase: askedPassphrase } : {}),
  })
}

async function askedPassword(id: string): Promise<VaultPassword> {
  return { id, password: await askSecret(`Vault password (${id}): `) }
}

function askedPassphrase(file: string): Promise<Secret> {
  return askSecret(`age passphrase of ${file}: `)
}

/** The command line's before the environment's; both count, as with Ansible. */
function vaultSources(flags: KeyFlags, environment: Environment): string[] {
  const list = environment["ANSIBLE_VAULT_IDENTITY_LIST"] ?? ""
  const file = environment["ANSIBLE_VAULT_PASSWORD_FILE"] ?? ""
  return [...(flags.vaultPasswordFile ?? []), ...list.split(",").map((item) => item.trim()), file]
    .filter((source) => source !== "")
    .map((source) => source.replace(/(^|@)~\//, `$1${homedir()}/`))
}

/** `--age-identity` and LBCTL_AGE_IDENTITY, then where the program sops looks (github.com/getsops/sops, "Encrypting using age"). */
function ageSources(flags: KeyFlags, environment: Environment): Result<Secret[], Problem>[] {
  const own = environment["LBCTL_AGE_IDENTITY"] ?? ""
  const sops = environment["SOPS_AGE_KEY_FILE"] ?? ""
  const files = [...(flags.ageIdentity ?? []), own, sops].filter((file) => file !== "")
  const inline = environment["SOPS_AGE_KEY"] ?? ""
  const usual = join(
    environment["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"),
    "sops/age/keys.txt",
  )
  return [
    ...files.map(readAgeIdentities),
    ...(inline === "" ? [] : [ageIdentities(inline, "SOPS_AGE_KEY")]),
    ...(sops === "" && existsSync(usual) ? [readAgeIdentities(usual)] : []),
  ]
}
