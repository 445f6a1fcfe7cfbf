import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"
import { Failure } from "../core/failure.ts"
import { Secret } from "../core/secret.ts"

/**
 * Asks on the terminal for what is not shown while it is typed.
 * @throws Failure `input` when there is no terminal to ask on, `interrupted` for Ctrl-C and Ctrl-D.
 */
export async function askSecret(question: string): Promise<Secret> {
  if (!process.stdin.isTTY)
    throw new Failure("input", `there is no terminal to ask on: ${question.replace(/:\s*$/, "")}`, {
      hint: "name a file that holds it",
    })
  // readline echoes into its output: here into nothing, with the terminal in raw mode.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const closed = new AbortController()
  terminal.once("close", () => closed.abort())
  process.stderr.write(question)
  try {
    return new Secret(await terminal.question("", closed))
  } catch (cause) {
    throw new Failure("interrupted", "nothing was changed", { cause })
  } finally {
    process.stderr.write("\n")
    terminal.close()
  }
}
