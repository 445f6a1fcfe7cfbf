import { join } from "node:path"
import { build } from "esbuild"

/** The command tree of src/cli/grammar, without the code of its commands. */
export async function commandTree(root) {
  const bundled = await build({
    entryPoints: [join(root, "src/cli/grammar/commands.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    // Loaded when a command runs, which none does here.
    external: ["../commands/*"],
    logLevel: "error",
  })
  const code = Buffer.from(bundled.outputFiles[0].text).toString("base64")
  const { commands } = await import(`data:text/javascript;base64,${code}`)
  return commands
}
