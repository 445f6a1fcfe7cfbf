import { spawn } from "node:child_process"
import { constants } from "node:os"
import { formatDuration } from "../../../src/core/duration.ts"

/** How a command ended; `code` is 128 + the signal's number when a signal ended it. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ExecOptions {
  readonly input?: string | Uint8Array
  /** Milliseconds until the command is killed and the call rejects; 60 s by default. */
  readonly timeout?: number
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Kills the command, and the call rejects. */
  readonly signal?: AbortSignal
}

/** Runs a program to its end. Rejects when it can't be started or takes longer than its timeout. */
export function exec(argv: readonly string[], options: ExecOptions = {}): Promise<Outcome> {
  const [program = "", ...rest] = argv
  const timeout = options.timeout ?? 60_000
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      killSignal: "SIGKILL",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const timer = setTimeout(() => {
      child.kill()
      reject(new Error(`not done within ${formatDuration(timeout)}: ${argv.join(" ")}`))
    }, timeout)
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
    // A command that does not read its input closes the pipe early: its exit code tells, not EPIPE.
    child.stdin.on("error", () => undefined)
    child.stdin.end(options.input ?? "")
    child.on("error", (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      resolve({
        code: code ?? 128 + constants.signals[signal ?? "SIGKILL"],
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      })
    })
  })
}

/** Standard output of a program that must succeed. */
export async function must(argv: readonly string[], options: ExecOptions = {}): Promise<string> {
  const outcome = await exec(argv, options)
  if (outcome.code !== 0) {
    throw new Error(`exit code ${outcome.code}: ${argv.join(" ")}\n${outcome.stderr}`)
  }
  return outcome.stdout
}
