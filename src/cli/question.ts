import { createInterface } from "node:readline/promises"
import { Failure } from "../core/failure.ts"

/**
 * Asks on the terminal; only `yes` means yes.
 * @throws Failure `input` when there is no terminal to ask on.
 */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Failure("input", "there is no terminal to ask on", {
      hint: "look at lbctl plan, then add --yes",
    })
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(`${question} Only yes goes on: `)).trim() === "yes"
  } finally {
    terminal.close()
  }
}
