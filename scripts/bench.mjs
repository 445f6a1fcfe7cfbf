#!/usr/bin/env node
// npm run bench [-- help render plan]: what lbctl costs, beside its peers, in one run on this machine (docs/bench.md).
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { help } from "./bench/help.mjs"
import { plan } from "./bench/plan.mjs"
import { render } from "./bench/render.mjs"
import { print } from "./bench/report.mjs"
import { installNpmPackages, runNode } from "./steps.mjs"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))
const benches = {
  help: () => print(help()),
  render: (folder) => print(render(folder)),
  plan,
}

function main(names) {
  const unknown = names.find((name) => !(name in benches))
  if (unknown !== undefined)
    throw new Error(`no bench ${unknown}; there are ${Object.keys(benches).join(", ")}`)
  installNpmPackages()
  runNode("scripts/build.mjs")
  console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`)
  const folder = mkdtempSync(join(tmpdir(), "lbctl-bench-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))
  for (const name of names.length === 0 ? Object.keys(benches) : names)
    benches[name](join(folder, name))
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}
