import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import type { Secret } from "../core/secret.ts"
import type { Connection } from "../model/fleet.ts"
import { durationOption } from "./duration-option.ts"

/** Options of every command that connects. */
export interface ConnectionFlags {
  readonly transport?: Connection["transport"]
  readonly askPass?: true
  readonly askBecomePass?: true
  readonly connectionPasswordFile?: string
  readonly becomePasswordFile?: string
  readonly hostKeyChecking?: Connection["hostKeyChecking"]
  readonly timeout?: string
}

/** What is said in place of the inventory, for all hosts and the jump hosts on the way. */
export type ConnectionChoice = Partial<
  Pick<Connection, "transport" | "hostKeyChecking" | "connectTimeoutMs">
>

/** For hosts to which the inventory gives none. */
export interface Passwords {
  readonly login?: Secret
  readonly become?: Secret
}

/** A name must resolve and a connection be made within it; sshd itself gives up after two minutes (LoginGraceTime). */
const timeoutRange = { min: 500, max: 120_000 } as const

/** @throws Failure `input` for values that make no sense, and options that contradict each other. */
export function connectionChoice(flags: ConnectionFlags): ConnectionChoice {
  const { transport, hostKeyChecking } = flags
  oneOf("--ask-pass", flags.askPass, "--connection-password-file", flags.connectionPasswordFile)
  oneOf(
    "--ask-become-pass",
    flags.askBecomePass,
    "--become-password-file",
    flags.becomePasswordFile,
  )
  return {
    ...(transport === undefined ? {} : { transport }),
    ...(hostKeyChecking === undefined ? {} : { hostKeyChecking }),
    ...(flags.timeout === undefined ? {} : { connectTimeoutMs: timeoutOf(flags.timeout) }),
  }
}

/** The connection that is made in place of the inventory's; passwords are for the host, not for those on the way. */
export function chosenConnection(
  connection: Connection,
  choice: ConnectionChoice,
  passwords: Passwords,
): Connection {
  const { become } = connection
  const login = connection.password ?? passwords.login
  const root = become?.password ?? passwords.become
  return {
    ...everyHop(connection, choice),
    ...(login === undefined ? {} : { password: login }),
    ...(become === undefined || root === undefined
      ? {}
      : { become: { ...become, password: root } }),
  }
}

function everyHop(connection: Connection, choice: ConnectionChoice): Connection {
  const { via } = connection
  return {
    ...connection,
    ...choice,
    ...(via === undefined ? {} : { via: everyHop(via, choice) }),
  }
}

function timeoutOf(text: string): number {
  const milliseconds = durationOption("--timeout", text, "5s, 30s")
  if (milliseconds >= timeoutRange.min && milliseconds <= timeoutRange.max) return milliseconds
  const range = `${formatDuration(timeoutRange.min)} to ${formatDuration(timeoutRange.max)}`
  throw new Failure("input", `--timeout ${text} is out of range`, {
    hint: `${range}: the time for a host to take a connection; --host-timeout is for the whole host`,
  })
}

function oneOf(first: string, asked: unknown, second: string, file: unknown): void {
  if (asked === undefined || file === undefined) return
  throw new Failure("input", `${first} and ${second} contradict each other`, {
    hint: "the password is asked for or read: leave one out",
  })
}
