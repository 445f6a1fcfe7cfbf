import { spawnSync } from "node:child_process"
import { accessSync, closeSync, constants, openSync, readSync } from "node:fs"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"

/** How long a script may take for one answer, milliseconds: they ask clouds and databases. */
const patienceMs = 120_000

/** The most it may say, bytes. */
const longestAnswer = 256 << 20

/** Whether a file is run for its hosts: it may be executed, and it is a script or a program; `not` says why a script can't be. */
export function scriptKind(path: string): "script" | "text" | "not-executable" {
  const start = firstBytes(path)
  const isScript = start.startsWith("#!")
  if (!isScript && !start.startsWith("\u007FELF")) return "text"
  try {
    accessSync(path, constants.X_OK)
    return "script"
  } catch {
    return isScript ? "not-executable" : "text"
  }
}

function firstBytes(path: string): string {
  const bytes = Buffer.alloc(4)
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, 4, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    // Whoever reads the file for its text tells what is wrong with it.
    return ""
  }
}

/** Runs a script: what it prints, or how it failed. */
export type RunScript = (path: string, words: readonly string[]) => Result<string, string>

/**
 * What an inventory script prints when it is called with `words`. The error says how it failed, with its own last words; what it
 * writes to standard error besides is passed on.
 */
export function runScript(path: string, words: readonly string[]): Result<string, string> {
  const ended = spawnSync(path, words, {
    encoding: "utf8",
    timeout: patienceMs,
    killSignal: "SIGKILL",
    maxBuffer: longestAnswer,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const how = endOf(ended)
  return how === undefined ? ok(ended.stdout) : err(how + ownWords(ended.stderr))
}

function endOf(ended: ReturnType<typeof spawnSync>): string | undefined {
  if (ended.error !== undefined) return reasonOf(ended.error)
  if (ended.signal !== null) return `was killed by ${ended.signal}`
  return ended.status === 0 ? undefined : `ended with exit code ${ended.status}`
}

function reasonOf(error: Error): string {
  const code = "code" in error ? String(error.code) : ""
  if (code === "ETIMEDOUT") return `gave no answer within ${patienceMs / 1000} seconds`
  if (code === "ENOBUFS") return `printed more than ${longestAnswer >> 20} MiB`
  if (code === "ENOENT") return "cannot be run: what its first line names does not exist"
  return `cannot be run (${code === "" ? error.message : code})`
}

/** The end of what it said to standard error: that is where the reason stands. */
function ownWords(stderr: string | null): string {
  const lines = (stderr ?? "").trimEnd().split("\n").slice(-4)
  const text = lines.map((line) => line.trim()).join("; ")
  return text === "" ? "" : `: ${text}`
}
