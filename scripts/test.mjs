#!/usr/bin/env node
// npm test: sets up what is missing, then every check in the order of its cost.
// LBCTL_SKIP_LAB=1 leaves the lab out while you work; CI never does.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))

function run(title, command, ...args) {
  console.log(`\n== ${title}`)
  const { status, error } = spawnSync(command, args, { stdio: "inherit" })
  if (error) console.error(`${command}: ${error.message}`)
  if (status !== 0) {
    console.error(`\n${title}: failed`)
    process.exit(status ?? 1)
  }
}

const bin = (name) => `node_modules/.bin/${name}`
if (!existsSync("node_modules/.package-lock.json")) run("npm packages", "npm", "ci")
run("generated files are fresh", "node", "scripts/generate.mjs", "--check")
run("format", bin("oxfmt"), "--check", "src", "test", "scripts", "bin")
run("lint", bin("oxlint"), "--type-aware", "--deny-warnings")
run("types", bin("tsc"), "--noEmit")
run("build", "node", "scripts/build.mjs")
run("unit tests", bin("vitest"), "run", "--project", "unit")
if (process.env.LBCTL_SKIP_LAB === "1") {
  console.log("\n== lab tests left out: LBCTL_SKIP_LAB=1")
} else {
  run("lab set-up", "node", "scripts/setup-lab.mjs")
  const sudo = process.getuid() === 0 ? [] : ["sudo", "-E"]
  run("lab tests", ...sudo, bin("vitest"), "run", "--project", "lab")
}
