import { fileURLToPath } from "node:url"
import { runLogged } from "./logged.mjs"

const hook = fileURLToPath(new URL("peak-memory.cjs", import.meta.url))

/** Runs a Node program to its end: the most memory it has held, in MB. @throws Error when it fails */
export function peakMemory([node, ...words], options) {
  return Number(runLogged([node, "--require", hook, ...words], options)) / 1024
}
