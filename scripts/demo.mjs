#!/usr/bin/env node
// npm run demo: the main job on real kernels (scripts/demo/show.mjs). Sets up what is missing as the user who asks, and shows as root.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { asRoot, installNpmPackages, runNode, setUpLab } from "./steps.mjs"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))

try {
  installNpmPackages()
  runNode("scripts/build.mjs")
  await setUpLab()
  process.exitCode = await show()
} catch (error) {
  console.error(`demo: ${error.message}`)
  process.exitCode = 1
}

/** The show's exit code. It clears away what it made before a signal ends it, so the signal is its to act upon. */
async function show() {
  const [command, ...args] = [...asRoot(), process.execPath, "scripts/demo/show.mjs"]
  const child = spawn(command, args, { stdio: "inherit" })
  // The terminal sends Ctrl-C to both.
  process.on("SIGINT", () => undefined)
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, "close")
  return code ?? 130
}
