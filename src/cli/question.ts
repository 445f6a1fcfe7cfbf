import { createInterface } from "node:readline/promises"
import { Failure } from "../core/failure.ts"

/**
 * Asks on the terminal; only `yes` means yes.
 * @throws Failure `input` when there is no terminal to ask on, `interrupted` for Ctrl-C and Ctrl-D.
 */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Failure("input", "nothing was changed: there is no terminal to ask on", {
      hint: "look at lbctl plan, then add --yes",
    })
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new AbortController()
  terminal.once("close", () => closed.abort())
  try {
    const answer = await terminal.question(`${question} Only yes goes on: `, closed)
    return answer.trim() === "yes"
  } catch (cause) {
    process.stderr.write("\n")
    throw new Failure("interrupted", "nothing was changed", { cause })
  } finally {
    terminal.close()
  }
}
