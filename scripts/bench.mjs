#!/usr/bin/env node
// npm run bench [-- help render plan scale checks ansible ipvs]: what lbctl costs, beside its peers, in one run on this machine (docs/bench.md).
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { ansible } from "./bench/ansible.mjs"
import { checks } from "./bench/checks.mjs"
import { help } from "./bench/help.mjs"
import { plan } from "./bench/plan.mjs"
import { render } from "./bench/render.mjs"
import { print } from "./bench/report.mjs"
import { scale } from "./bench/scale.mjs"
import { installNpmPackages, runNode } from "./steps.mjs"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))
const benches = {
  help: () => print(help()),
  render: (folder) => print(render(folder)),
  plan,
  scale,
  checks,
  ansible,
  ipvs: (folder) => runNode("scripts/bench/ipvs.mjs", folder),
}

const needRoot = ["scale", "checks", "ansible", "ipvs"]

function all() {
  if (process.getuid() === 0) return Object.keys(benches)
  console.log(`left out, since they take root: ${needRoot.join(", ")}`)
  return Object.keys(benches).filter((name) => !needRoot.includes(name))
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
  for (const name of names.length === 0 ? all() : names) benches[name](join(folder, name))
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}
