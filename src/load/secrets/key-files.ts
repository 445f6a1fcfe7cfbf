import { execFile } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { basename, parse } from "node:path"
import { promisify } from "node:util"
import type { Problem } from "../../core/problem.ts"
import { Secret } from "../../core/secret.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import { kindAt, readText } from "../disk.ts"
import type { VaultPassword } from "./ansible-vault.ts"

/** A script that asks a password store is waited for so long, milliseconds. */
const patienceMs = 60_000

/**
 * A vault password from a file, `FILE` or `ID@FILE`: its text without surrounding blanks, or what it prints when it is
 * executable (one whose name ends in `-client` is called with `--vault-id ID`), as Ansible has it
 * (docs.ansible.com, "Managing vault passwords"). Problem: secret-key.
 */
export async function readVaultPassword(source: string): Promise<Result<VaultPassword, Problem>> {
  const at = source.indexOf("@")
  const id = at > 0 ? source.slice(0, at) : "default"
  const path = at < 0 ? source : source.slice(at + 1)
  const text = isExecutable(path) ? await printedBy(path, id) : readKeyFile(path, "vault password")
  if (!text.ok) return text
  const password = text.value.trim()
  if (password === "")
    return err(noKey(path, "holds no vault password", "write it as the only line"))
  return ok({ id, password: new Secret(password) })
}

/** The identities of an age key file, as age-keygen writes it: one a line, comments between. Problem: secret-key. */
export function readAgeIdentities(path: string): Result<Secret[], Problem> {
  const text = readKeyFile(path, "age identity")
  return text.ok ? ageIdentities(text.value, path) : text
}

/** Identities in a text; `source` names it in the problem secret-key. */
export function ageIdentities(text: string, source: string): Result<Secret[], Problem> {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
  const odd = lines.findIndex((line) => !/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/.test(line))
  if (lines.length > 0 && odd < 0) return ok(lines.map((line) => new Secret(line)))
  return err(
    noKey(
      source,
      lines.length === 0 ? "holds no age identity" : "holds something that is no age identity",
      "write the file by age-keygen -o; plugins, SSH keys and encrypted identities are not supported",
    ),
  )
}

function readKeyFile(path: string, what: string): Result<string, Problem> {
  if (kindAt(path) === "absent")
    return err(noKey(path, `does not exist: there is no ${what} to read`, "correct its path"))
  const text = readText(path, path)
  return text.ok ? text : err({ ...text.error, rule: "secret-key" })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return kindAt(path) === "file"
  } catch {
    return false
  }
}

async function printedBy(path: string, id: string): Promise<Result<string, Problem>> {
  const isClient = parse(basename(path)).name.endsWith("-client")
  const program = path.includes("/") ? path : `./${path}`
  try {
    const run = promisify(execFile)(program, isClient ? ["--vault-id", id] : [], {
      timeout: patienceMs,
    })
    run.child.stdin?.end()
    return ok((await run).stdout)
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown"
    return err(
      noKey(
        path,
        `was run for a vault password, and failed (${code})`,
        "run it by hand to see why",
      ),
    )
  }
}

function noKey(source: string, what: string, hint: string): Problem {
  return { rule: "secret-key", message: `${source} ${what}`, hint }
}
