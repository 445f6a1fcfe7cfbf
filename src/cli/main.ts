import { toFailure } from "../core/failure.ts"
import { exitCodeOf } from "./exit.ts"
import { failureText, stackOf } from "./failure-text.ts"
import { complain, outliveClosedPipes } from "./output.ts"
import { runCommandLine } from "./program.ts"

/** How long what was given up on (a host that hangs) may hold up the end, milliseconds. */
const lingerMs = 2000

outliveClosedPipes()
process.exitCode = await main(process.argv)
setTimeout(() => process.exit(), lingerMs).unref()

/** Runs one command, and turns whatever happens into an exit code (docs/exit-codes.md). */
async function main(argv: readonly string[]): Promise<number> {
  try {
    return await runCommandLine(argv)
  } catch (thrown) {
    complain(failureText(thrown))
    if (process.env["LBCTL_DEBUG"] !== undefined) complain(stackOf(thrown))
    return exitCodeOf(toFailure(thrown).code)
  }
}
