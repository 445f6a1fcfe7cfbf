import { PassThrough } from "node:stream"
import type { Readable } from "node:stream"

import type { Secret } from "../core/secret.ts"
import type { Command } from "./command.ts"

/** What is looked for on stderr before a command begins. */
export interface Answer {
  /** What it is asked with. */
  readonly prompt: string
  /** What the command prints first. */
  readonly begun: string
  readonly password: Secret
  /** Whether the command waits to be told to begin, and takes the first line of input for the password even where it asked for none. */
  readonly waits: boolean
}

/** How it went; `begun`: what was said before is cut off from the command's own output. */
export type Answered =
  | { readonly state: "begun"; readonly command: Command }
  | { readonly state: "wrong" | "silent" }
  | { readonly state: "ended"; readonly code: number; readonly said: string }

/** PAM delays a refusal by seconds; a directory service may take as long. */
const patienceMs = 30_000

/**
 * Gives the password when it is asked for, once: asked again, it was wrong. It may as well not be asked for (NOPASSWD, a ticket),
 * so nothing is sent unasked: it would be taken for the command's input.
 * @throws Failure `unreachable` when the connection died.
 */
export function answerPassword(command: Command, answer: Answer): Promise<Answered> {
  const { stderr, stdin } = command
  // Read from the start: a command's end is told once its output was read.
  const stdout = command.stdout.pipe(new PassThrough())
  let seen = Buffer.alloc(0)
  let asked = false
  return new Promise((resolve, reject) => {
    const settle = (result: Answered) => {
      clearTimeout(timer)
      stderr.off("data", look)
      if (result.state !== "begun") command.abandon()
      resolve(result)
    }
    const timer = setTimeout(() => settle({ state: "silent" }), patienceMs)
    const look = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      const start = seen.indexOf(answer.begun)
      if (start >= 0) {
        const rest = seen.subarray(start + answer.begun.length)
        if (answer.waits) stdin.write(asked ? "\n" : "\n\n")
        return settle({ state: "begun", command: begun(command, stdout, rest) })
      }
      const question = seen.indexOf(answer.prompt)
      if (question < 0) return
      if (asked) return settle({ state: "wrong" })
      asked = true
      seen = seen.subarray(question + answer.prompt.length)
      stdin.write(`${answer.password.reveal()}\n`)
    }
    stdin.on("error", () => undefined)
    stderr.on("data", look)
    command.ended.then(
      (code) => settle({ state: "ended", code, said: seen.toString("utf8") }),
      (thrown: unknown) => {
        clearTimeout(timer)
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
      },
    )
  })
}

/** The command with what is left of its outputs; its end is told when these were read. */
function begun(command: Command, stdout: Readable, rest: Buffer): Command {
  const stderr = new PassThrough()
  stderr.write(rest)
  command.stderr.pipe(stderr)
  const read = [stdout, stderr].map((stream) => new Promise((done) => stream.once("end", done)))
  const ended = Promise.all([command.ended, ...read]).then(([code]) => code)
  ended.catch(() => undefined)
  return { ...command, stdout, stderr, ended }
}
