import { join } from "node:path"
import { importSource } from "./import-source.mjs"

/** The command tree of src/cli/grammar, without the code of its commands. */
export async function commandTree(root) {
  // Loaded when a command runs, which none does here.
  const grammar = join(root, "src/cli/grammar/commands.ts")
  return (await importSource(grammar, ["../commands/*"])).commands
}
