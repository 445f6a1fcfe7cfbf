import { closeSync, constants, openSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"

import type { Secret } from "../core/secret.ts"
import type { Prompter } from "./prompter.ts"

/**
 * The program that ssh calls for a question (ssh(1), SSH_ASKPASS): it passes the question to lbctl through ssh's standard
 * error, and lbctl's answer, which comes through a named pipe, to ssh. So no password stands in a file, an argument or the
 * environment.
 */
const script = `#!/bin/sh
question=$(printf '%s' "$1" | tr '\\n' ' ')
printf '%s %s %s\\n' "$LBCTL_ASK_MARK" "\${SSH_ASKPASS_PROMPT:-secret}" "$question" >&2
[ "\${SSH_ASKPASS_PROMPT:-}" = none ] && exec sleep 600
IFS= read -r answer <"$LBCTL_ASK_PIPE" || exit 1
case $answer in -) exit 1 ;; esac
printf '%s\\n' "\${answer#+}"
`

/** Writes the program into a private folder, for all connections of a run. */
export function writeAskpass(folder: string): string {
  const path = join(folder, "askpass")
  writeFileSync(path, script, { mode: 0o700 })
  return path
}

/** Answers the questions of one connection. */
export interface Answers {
  readonly environment: Readonly<Record<string, string>>
  /** Takes a line of ssh's standard error; true when it was a question. */
  take(line: string): boolean
  /** Questions that nobody could answer. */
  readonly unasked: readonly string[]
  /** What was answered did not lead on: it is asked for again. */
  forget(): void
  close(): void
}

/** Who answers: the password is given to the first that asks for one; the operator to all other questions. */
export interface AnswerSources {
  readonly program: string
  /** A named pipe, which is there already when the first question comes. */
  readonly pipe: string
  readonly mark: string
  readonly password: Secret | undefined
  readonly prompter: Prompter | undefined
  /** Passphrases by the question for them, for all connections of a run. */
  readonly passphrases: Map<string, Promise<Secret>>
  /** Told while a person is asked. */
  readonly during: <T>(task: Promise<T>) => Promise<T>
}

export function openAnswers(sources: AnswerSources): Answers {
  const { mark, pipe, prompter, passphrases } = sources
  const used = new Set<string>()
  const unasked: string[] = []
  let { password } = sources
  let opened: number | undefined

  /** Opened for both directions, an open pipe waits for nobody. */
  function reply(line: string): void {
    opened ??= openSync(pipe, constants.O_RDWR)
    writeSync(opened, `${line}\n`)
  }

  async function answer(question: string): Promise<void> {
    const known = /password/i.test(question) ? password : undefined
    if (known !== undefined) {
      password = undefined
      return reply(`+${known.reveal()}`)
    }
    if (prompter === undefined) {
      unasked.push(question)
      return reply("-")
    }
    try {
      reply(`+${(await sources.during(ask(question, prompter))).reveal()}`)
    } catch {
      reply("-")
    }
  }

  function ask(question: string, who: Prompter): Promise<Secret> {
    if (!/passphrase for key/i.test(question)) return who.secret(question)
    const started = passphrases.get(question) ?? who.secret(question)
    passphrases.set(question, started)
    used.add(question)
    return started
  }

  return {
    environment: {
      SSH_ASKPASS: sources.program,
      SSH_ASKPASS_REQUIRE: "force",
      // OpenSSH before 8.4 does not know the former, and asks its program where there is a display.
      DISPLAY: process.env["DISPLAY"] ?? ":0",
      LBCTL_ASK_MARK: mark,
      LBCTL_ASK_PIPE: pipe,
    },
    take(line) {
      if (!line.startsWith(`${mark} `)) return false
      const [, kind = "", ...words] = line.split(" ")
      const question = `${words.join(" ").trim()} `
      if (kind === "none") prompter?.tell(question)
      else void answer(question)
      return true
    },
    unasked,
    forget() {
      for (const question of used) passphrases.delete(question)
    },
    close() {
      if (opened !== undefined) closeSync(opened)
    },
  }
}
