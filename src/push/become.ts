import { randomBytes } from "node:crypto"

import { Failure } from "../core/failure.ts"
import type { Connection } from "../model/fleet.ts"
import { assertNever } from "../core/result.ts"
import type { Secret } from "../core/secret.ts"
import { quote } from "../wire/shell.ts"
import type { Command, Link } from "./command.ts"
import { answerPassword, type Answer } from "./become-password.ts"
import { onTerminal } from "./become-terminal.ts"

/** How to become root, as the inventory has it. */
export type Become = NonNullable<Connection["become"]>

/** Who becomes root, and where it failed before in this run: a wrong password is not tried again, which might lock the account. */
export interface BecomeContext {
  readonly user: string
  readonly become: Become
  readonly refused: { failure?: Failure }
}

/**
 * Starts every command as root by sudo or doas. Without a password they are told never to ask (`-n`), and a command costs
 * no round trip more; with one, the command's own input is sent only after it has begun.
 */
export function becomeRoot(link: Link, context: BecomeContext): Link {
  const { password } = context.become
  return {
    start: (command) =>
      password === undefined
        ? startUnasked(link, command, context)
        : startAsked(link, command, context, password),
    close: () => link.close(),
  }
}

async function startUnasked(link: Link, command: string, context: BecomeContext): Promise<Command> {
  const started = await link.start(quote([...words(context.become, ["-n"]), "sh", "-c", command]))
  const said = beginning(started)
  const ended = started.ended.then((code) => {
    const refusal = code === 0 ? undefined : refusalIn(said(), code, context)
    if (refusal !== undefined) throw refusal
    return code
  })
  ended.catch(() => undefined)
  return { ...started, ended }
}

async function startAsked(
  link: Link,
  command: string,
  context: BecomeContext,
  password: Secret,
): Promise<Command> {
  const { become, refused } = context
  if (refused.failure !== undefined) throw refused.failure
  const mark = `lbctl-${randomBytes(9).toString("hex")}`
  const { line, ...asked } = asking(become, mark, command)
  const started = await link.start(line)
  const answer = await answerPassword(started, { ...asked, password })
  switch (answer.state) {
    case "begun":
      return answer.command
    case "wrong":
      throw (refused.failure = wrongPassword(context))
    case "ended":
      if (/^doas: Authentication failed/m.test(answer.said))
        throw (refused.failure = wrongPassword(context))
      throw refusalIn(answer.said, answer.code, context) ?? unknownRefusal(answer.said, context)
    case "silent":
      throw new Failure(
        "failed",
        `${context.user} cannot become root: ${become.method} neither asks for the password nor goes on`,
        { hint: "see how it asks by hand: a second factor cannot be answered; use NOPASSWD" },
      )
  }
}

/**
 * sudo is told what to ask by and to read from its input, doas has its own words and reads from a terminal only (opendoas 6.8,
 * doas.c: readpassphrase with RPP_REQUIRE_TTY).
 */
function asking(
  become: Become,
  mark: string,
  command: string,
): { readonly line: string } & Omit<Answer, "password"> {
  const begun = `${mark}-begun`
  switch (become.method) {
    case "sudo": {
      const prompt = `${mark}-password:`
      const marked = `echo ${begun} >&2\n${command}`
      const line = quote([...words(become, ["-S", "-p", prompt]), "sh", "-c", marked])
      return { line, prompt, begun: `${begun}\n`, waits: false }
    }
    case "doas":
      return {
        ...onTerminal(words(become, []), command, begun),
        prompt: ") password: ",
        waits: true,
      }
    default:
      return assertNever(become.method)
  }
}

/** sudo(8), doas(1): neither takes an option after `--`. */
function words({ method, executable, flags = [] }: Become, options: readonly string[]): string[] {
  return [executable ?? method, ...flags, ...options, "--"]
}

function wrongPassword({ user, become }: BecomeContext): Failure {
  return new Failure(
    "failed",
    `${user} cannot become root: ${become.method} refuses the password`,
    {
      hint: "it was tried once; give the right one by --ask-become-pass (-K) or ansible_become_password",
    },
  )
}

function unknownRefusal(said: string, { user, become }: BecomeContext): Failure {
  const last = said.trim().split("\n").at(-1)?.trim() ?? ""
  const reason = last === "" ? `${become.method} ended without a word` : last
  return new Failure("failed", `${user} cannot become root: ${reason}`, {
    hint: `log in as ${user} and try: ${become.executable ?? become.method} true`,
  })
}

/** What a command says first on stderr, for the words of a refusal. */
function beginning({ stderr }: Command): () => string {
  let text = ""
  stderr.on("data", (chunk: Buffer) => {
    if (text.length < 4096) text += chunk.toString("latin1")
  })
  return () => text
}

/** Their own words when they do not let a command run (sudo 1.9, plugins/sudoers; opendoas 6.8, doas.c), and ours. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^sudo: a password is required/m, "sudo asks for a password"],
  [/^doas: Authentication required/m, "doas asks for a password"],
  [/^sudo: .*(must have a tty|tty is required)/m, "sudo asks for a terminal (requiretty)"],
  [/is not in the sudoers file|^Sorry, user .* is not allowed/m, "sudo does not allow it"],
  [/^doas: Operation not permitted/m, "doas does not allow it"],
  [/^script: not found/m, "doas asks on a terminal, and there is no script(1) to make one"],
]

/** The shell's exit code for a command that is not there (POSIX, 2.8.2). */
const notFound = 127

function refusalIn(
  said: string,
  code: number,
  { user, become }: BecomeContext,
): Failure | undefined {
  const program = become.executable ?? become.method
  const missing = code === notFound && said.includes(`${program}: `)
  const refusal = refusals.find(([pattern]) => pattern.test(said))
  const reason = refusal?.[1] ?? (missing ? `there is no ${program} on the host` : undefined)
  if (reason === undefined) return undefined
  const rule =
    become.method === "sudo"
      ? `in /etc/sudoers.d: ${user} ALL=(root) NOPASSWD: ALL`
      : `in /etc/doas.conf: permit nopass ${user} as root`
  return new Failure("failed", `${user} cannot become root: ${reason}`, {
    hint: `allow it ${rule}; or give the password (-K); or log in as root (ansible_user: root)`,
  })
}
