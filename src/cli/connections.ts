import type { Connection, Host } from "../model/fleet.ts"
import type { Prompter } from "../push/prompter.ts"
import type { ConnectionFlags, Passwords } from "./connection-choice.ts"
import { chosenConnection, connectionChoice } from "./connection-choice.ts"
import { readPasswordFile } from "./password-file.ts"
import { needTerminal, terminalPrompter } from "./prompter.ts"

let flags: ConnectionFlags = {}
let passwords: Promise<Passwords> | undefined

/**
 * What the command line says of connections; like the command line itself it holds for the whole process.
 * @throws Failure `input`, before anything is read or contacted.
 */
export function chooseConnections(chosen: ConnectionFlags): void {
  connectionChoice(chosen)
  flags = chosen
  passwords = undefined
}

/**
 * How to reach each host, by the inventory and the command line; passwords are asked for or read when this is first called.
 * @throws Failure `input` when there is no terminal to ask on, or no such file.
 */
export async function chosenConnections(hosts: readonly Host[]): Promise<Map<string, Connection>> {
  passwords ??= readPasswords(flags)
  const given = await passwords
  const choice = connectionChoice(flags)
  return new Map(
    hosts.map(({ name, connection }) => [name, chosenConnection(connection, choice, given)]),
  )
}

/** Asked in Ansible's order: nothing typed for sudo means the login's. */
async function readPasswords(wanted: ConnectionFlags): Promise<Passwords> {
  const prompter = terminalPrompter()
  const { connectionPasswordFile, becomePasswordFile } = wanted
  const login =
    wanted.askPass === true
      ? await asker(prompter, "--ask-pass").secret("SSH password: ")
      : await fileOf("--connection-password-file", connectionPasswordFile)
  const otherwise = login === undefined ? "" : " (empty: the SSH password)"
  const become =
    wanted.askBecomePass === true
      ? await asker(prompter, "--ask-become-pass").secret(`BECOME password${otherwise}: `)
      : await fileOf("--become-password-file", becomePasswordFile)
  const root = become?.reveal() === "" ? login : become
  return {
    ...(login === undefined ? {} : { login }),
    ...(root === undefined ? {} : { become: root }),
  }
}

function asker(prompter: Prompter | undefined, option: string): Prompter {
  if (prompter === undefined) throw needTerminal(option)
  return prompter
}

async function fileOf(option: string, file: string | undefined) {
  return file === undefined ? undefined : readPasswordFile(option, file)
}
