import { Failure } from "../core/failure.ts"
import type { Prompter } from "../push/prompter.ts"
import { askSecret } from "./ask-secret.ts"
import { whilePaused } from "./sink.ts"

/** Asks on the terminal, with the progress display out of the way; undefined where there is no terminal. */
export function terminalPrompter(): Prompter | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return {
    secret: (question) => whilePaused(() => askSecret(question)),
    tell: (text) => void whilePaused(async () => void process.stderr.write(`${text}\n`)),
  }
}

/** The failure of an option that asks where nobody can be asked. */
export function needTerminal(option: string): Failure {
  return new Failure("input", `${option}: there is no terminal to ask on`, {
    hint: "read the password from a file: --connection-password-file, --become-password-file",
  })
}
