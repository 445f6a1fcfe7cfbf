#!/usr/bin/env node
// npm test: sets up what is missing, then every check in the order of its cost.
// LBCTL_SKIP_LAB=1 leaves the lab out while you work; CI never does.
import { fileURLToPath } from "node:url"
import { asRoot, installNpmPackages, run, runNode, setUpLab } from "./steps.mjs"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))

const bin = (name) => `node_modules/.bin/${name}`
const vitest = "node_modules/vitest/vitest.mjs"
const steps = {
  "npm packages": installNpmPackages,
  "generated files are fresh": () => runNode("scripts/generate.mjs", "--check"),
  format: () => run(bin("oxfmt"), "--check", "src", "test", "scripts", "bin"),
  lint: () => run(bin("oxlint"), "--type-aware", "--deny-warnings"),
  types: () => run(bin("tsc"), "--noEmit"),
  build: () => runNode("scripts/build.mjs"),
  "unit tests": () => runNode(vitest, "run", "--project", "unit"),
  ...(process.env.LBCTL_SKIP_LAB === "1"
    ? { "lab tests left out: LBCTL_SKIP_LAB=1": () => undefined }
    : {
        "lab set-up": setUpLab,
        "lab tests": () => run(...asRoot(), process.execPath, vitest, "run", "--project=lab*"),
      }),
}

for (const [title, step] of Object.entries(steps)) {
  console.log(`\n== ${title}`)
  try {
    await step()
  } catch (error) {
    console.error(`\n${title}: failed (${error.message})`)
    process.exitCode = 1
    break
  }
}
