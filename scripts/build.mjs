#!/usr/bin/env node
// npm run build: one ESM bundle of lbctl split by command (so that --help loads next to nothing), and the agent's bundle.
import { renameSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { buildAgent } from "./build-agent.mjs"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))
// Built aside and moved into place at the end: a build that fails leaves the former one as it was.
const fresh = `dist/lbctl.${process.pid}`

await build({
  entryPoints: ["src/cli/main.ts"],
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minifyWhitespace: true,
  minifySyntax: true,
  // ssh2 tries these two at run time and does without; they are native builds we do not ship.
  external: ["cpu-features", "./crypto/build/Release/sshcrypto.node"],
  banner: {
    js: [
      'import { createRequire as __createRequire } from "node:module"',
      'import { dirname as __pathDirname } from "node:path"',
      'import { fileURLToPath as __fileURLToPath } from "node:url"',
      "const require = __createRequire(import.meta.url)",
      "const __filename = __fileURLToPath(import.meta.url)",
      "const __dirname = __pathDirname(__filename)",
    ].join("\n"),
  },
  logLevel: "warning",
})
rmSync("dist/lbctl", { recursive: true, force: true })
renameSync(fresh, "dist/lbctl")
await buildAgent()
