import { execFile } from "node:child_process"
import { constants } from "node:fs"
import { access, readFile, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"

import { Failure } from "../core/failure.ts"
import { Secret } from "../core/secret.ts"

/** A program that fetches a password may have to ask a service for it. */
const patienceMs = 60_000

/**
 * The first line of a file, or of what it prints when it is executable, as with Ansible's options of these names.
 * @throws Failure `input`
 */
export async function readPasswordFile(option: string, file: string): Promise<Secret> {
  if (file === "-")
    throw unreadable(
      option,
      file,
      "standard input is not read for passwords",
      "name a file, or ask by -k or -K",
    )
  const path = file.startsWith("~/") ? join(homedir(), file.slice(2)) : resolve(file)
  const text = (await isProgram(path)) ? await outputOf(option, path) : await textOf(option, path)
  const [line = ""] = text.split(/\r?\n/)
  if (line === "")
    throw unreadable(option, file, "its first line is empty", "write the password into it")
  return new Secret(line)
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile() && ((await stat(path)).mode & 0o111) !== 0
  } catch {
    return false
  }
}

async function textOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable"
    throw unreadable(option, path, reason, "name a file that you may read")
  }
}

/** What it printed is never part of an error: it may hold the password. */
async function outputOf(option: string, path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, [], { timeout: patienceMs })
    return stdout
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : ""
    throw unreadable(
      option,
      path,
      `the program failed${code}`,
      "it must print the password and exit 0",
    )
  }
}

function unreadable(option: string, file: string, reason: string, hint: string): Failure {
  return new Failure("input", `${option} ${file}: ${reason}`, { hint })
}
