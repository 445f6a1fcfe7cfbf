import { execFile } from "node:child_process"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import type { Refusal } from "./refusal.ts"

/** A key service that does not answer is waited for so long, milliseconds. */
const patienceMs = 60_000

/**
 * The values of a SOPS file by the program sops, which speaks to the key services that lbctl does not: `services` names
 * those of the file. It checks the MAC itself.
 */
export function decryptBySops(
  path: string,
  services: readonly string[],
): Promise<Result<unknown, Refusal>> {
  const args = ["--decrypt", "--output-type", "json", path]
  return new Promise((done) => {
    const options = { timeout: patienceMs, maxBuffer: 16 << 20 }
    const child = execFile("sops", args, options, (error, stdout, stderr) => {
      if (error === null) done(parsed(stdout))
      else done(err(error.code === "ENOENT" ? notInstalled(services) : refused(stderr)))
    })
    child.stdin?.end()
  })
}

function parsed(text: string): Result<unknown, Refusal> {
  try {
    return ok(JSON.parse(text))
  } catch {
    return err({
      message: "the program sops gave no JSON",
      hint: "is a current sops in your PATH? sops --version",
    })
  }
}

function notInstalled(services: readonly string[]): Refusal {
  return {
    message: `SOPS encrypted this with keys of ${services.join(", ")}, which lbctl leaves to the program sops, and there is none`,
    hint: "install sops (github.com/getsops/sops), or add an age recipient to the file: sops updatekeys",
  }
}

/** Its errors tell which keys were tried; of the file they tell no value. */
function refused(stderr: string): Refusal {
  const words = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? ""
  return {
    message: `the program sops could not decrypt this: ${words === "" ? "it says nothing" : words}`,
    hint: "run it by hand to see all it says: sops --decrypt FILE",
  }
}
