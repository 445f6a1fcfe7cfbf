import type { SshConfigLine } from "../schema/ssh-config.ts"
import type { HostVariables } from "./host-variables.ts"
import { sshArguments } from "./ssh-arguments.ts"
import { problemOf } from "./ssh-config-check.ts"

/** What the inventory says on ssh's command line. */
export interface InventoryOptions {
  /** The first of each keyword counts. */
  readonly lines: readonly SshConfigLine[]
  readonly configFile?: { readonly path: string; readonly variable: string }
  /** What of it only the system's ssh can honour, as its arguments. */
  readonly words: readonly string[]
}

/** Variables that are an option of ssh, by Ansible's spellings, in the order of Ansible's command line. */
const variablesOf: readonly (readonly [keyword: string, ...spellings: string[]])[] = [
  ["port", "ansible_port", "ansible_ssh_port"],
  ["identityfile", "ansible_private_key_file", "ansible_ssh_private_key_file"],
  ["user", "ansible_user", "ansible_ssh_user"],
  ["connecttimeout", "ansible_timeout", "ansible_ssh_timeout"],
]

/**
 * ssh's command line as Ansible's ssh connection plugin makes it (plugins/connection/ssh.py): ansible_ssh_args, the
 * variables, ansible_ssh_common_args, ansible_ssh_extra_args.
 */
export function inventoryOptions(variables: HostVariables): InventoryOptions {
  const lines: SshConfigLine[] = []
  const words: string[] = []
  let configFile: InventoryOptions["configFile"]
  const read = (variable: string): void => {
    const found = readArguments(variables, variable)
    lines.push(...found.lines)
    words.push(...found.words)
    if (found.configFile !== undefined) configFile ??= { path: found.configFile, variable }
  }
  read("ansible_ssh_args")
  for (const [keyword, ...spellings] of variablesOf) {
    const found = variables.text(...spellings)
    if (found === undefined) continue
    const { name, value } = found
    lines.push({ keyword, args: [value], rest: value, at: variables.at(name), written: name })
  }
  read("ansible_ssh_common_args")
  read("ansible_ssh_extra_args")
  for (const line of lines) {
    const problem = problemOf(line)
    // Its place is the variable's, and the rule is that of variables.
    if (problem !== undefined) variables.reportAt(line.at, { ...problem, rule: "connection-value" })
  }
  return { lines, words, ...(configFile === undefined ? {} : { configFile }) }
}

function readArguments(
  variables: HostVariables,
  name: string,
): Pick<NonNullable<ReturnType<typeof sshArguments>>, "lines" | "words" | "configFile"> {
  const nothing = { lines: [], words: [] }
  const found = variables.text(name)
  if (found === undefined) return nothing
  const read = sshArguments(found.value, name, variables.at(name))
  if (read === undefined) {
    const message = `${name} cannot be read: a quote stays open, or an option lacks its argument`
    variables.report(name, { rule: "connection-value", message, hint: "write it as for ssh(1)" })
    return nothing
  }
  for (const mistake of read.mistakes)
    variables.report(name, { rule: "connection-ignored", severity: "warning", ...mistake })
  return read
}
