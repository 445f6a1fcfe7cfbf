import type { Problem } from "../core/problem.ts"
import type { Connection } from "../model/fleet.ts"
import type { InventoryHost } from "../schema/documents.ts"
import type { SshSurroundings } from "../schema/ssh-config.ts"
import { becomeOf } from "./become.ts"
import { hostVariables, reportTemplates } from "./host-variables.ts"
import type { HostVariables } from "./host-variables.ts"
import { inventoryOptions } from "./inventory-options.ts"
import { sshConnection } from "./ssh-connection.ts"
import { alwaysChecked } from "./ssh-unhonoured.ts"

const sshPlugins = /^(?:ansible\.builtin\.)?(?:ssh|smart|paramiko|paramiko_ssh)$/

/** Ansible's shell plugins for Windows. */
const windowsShells = ["powershell", "cmd"]

const unused = [
  "ansible_ssh_executable",
  "ansible_ssh_retries",
  "ansible_ssh_private_key",
  "ansible_ssh_private_key_passphrase",
]
const keyChecking = ["ansible_host_key_checking", "ansible_ssh_host_key_checking"]

/** How to reach a host. */
export interface HostConnection {
  readonly connection: Connection
  /** Where the inventory says the host is, whatever the user's ssh_config makes of it. */
  readonly inventoryAddress: string
  readonly problems: readonly Problem[]
}

/**
 * How to reach a host: Ansible's connection variables with the meaning and precedence of its ssh connection plugin, and
 * below them what ssh's own configuration says. A problem stands at its variable or line and does not name the host, so
 * that one value many hosts share gives equal problems. What has no effect is a warning (connection-ignored); errors are
 * connection-value, connection-unsupported, ssh-config and inventory-template.
 */
export function connectionOf(host: InventoryHost, around: SshSurroundings): HostConnection {
  const problems: Problem[] = []
  const variables = hostVariables(host, problems)
  reportTemplates(host, variables)
  const options = inventoryOptions(variables)
  const transport = transportOf(variables)
  const name = nameOf(host, variables)
  const user = options.lines.find(({ keyword }) => keyword === "user")
  if (user !== undefined) reportUnlessWord(variables, user.written, user.args[0] ?? "", user.at)
  const { configFile } = options
  const configPath = configFile?.path.replace(/^~(?=\/)/, () => around.home)
  const question = {
    name,
    options: options.lines,
    config: around.config(configFile?.path),
    transport,
    ...(configPath === undefined ? {} : { configFile: configPath }),
  }
  const ssh = sshConnection(question, around, (problem) => {
    const place = configFile === undefined ? host.at : variables.at(configFile.variable)
    problems.push({ at: place, ...problem })
  })
  const password = variables.secret("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
  const become = becomeOf(variables)
  reportUnsupported(variables)
  const connection: Connection = {
    ...ssh,
    transport,
    sshArguments: [...(configPath === undefined ? [] : ["-F", configPath]), ...options.words],
    ...(ssh.address === name ? {} : { sshName: name }),
    ...(password === undefined ? {} : { password }),
    ...(become === undefined ? {} : { become }),
  }
  return { connection, inventoryAddress: name, problems }
}

function transportOf(variables: HostVariables): Connection["transport"] {
  const found = variables.text("lbctl_transport")
  if (found === undefined || found.value === "builtin") return "builtin"
  if (found.value === "ssh") return "ssh"
  variables.report(found.name, {
    rule: "connection-value",
    message: `lbctl_transport is ${JSON.stringify(found.value)}`,
    hint: "write builtin (lbctl's own client) or ssh (the system's)",
  })
  return "builtin"
}

/** What Ansible would call ssh with. */
function nameOf(host: InventoryHost, variables: HostVariables): string {
  const found = variables.text("ansible_host", "ansible_ssh_host")
  const name = found?.value ?? host.name
  const at = found === undefined ? host.at : variables.at(found.name)
  return reportUnlessWord(variables, found?.name ?? "the host's name", name, at) ? name : host.name
}

/**
 * Whether a text can stand on a command line, be it a shell's: it neither begins with a hyphen nor holds blanks, brackets,
 * control characters or what shells give a meaning (ssh.c, valid_hostname and valid_ruser).
 */
function reportUnlessWord(
  variables: HostVariables,
  name: string,
  value: string,
  at: Problem["at"],
): boolean {
  if (/^[^-\s\p{Cc}[\]'"`$;&<>|(){}][^\s\p{Cc}[\]'"`$;&<>|(){}]*$/u.test(value)) return true
  variables.reportAt(at, {
    rule: "connection-value",
    message: `${name} is ${JSON.stringify(value)}, which is no name or address`,
    hint: "write it without blanks, brackets or quotes, and not beginning with a hyphen",
  })
  return false
}

/** Windows, appliances: where there is no ssh, or no POSIX shell behind it. */
function reportNoSh(variables: HostVariables): void {
  const rule = "connection-unsupported"
  const hint = "for a real server that lbctl is not to log in to: lbctl_managed: false"
  const plugin = variables.text("ansible_connection")
  if (plugin !== undefined && !sshPlugins.test(plugin.value)) {
    const message = `ansible_connection is ${plugin.value}: lbctl connects by ssh only`
    variables.report(plugin.name, { rule, message, hint: `write ssh; ${hint}` })
  }
  const shell = variables.text("ansible_shell_type")
  if (shell !== undefined && windowsShells.includes(shell.value)) {
    const message = `ansible_shell_type is ${shell.value}: lbctl needs a POSIX sh where it logs in`
    variables.report(shell.name, { rule, message, hint })
  }
}

function reportUnsupported(variables: HostVariables): void {
  reportNoSh(variables)
  for (const name of unused)
    if (variables.has(name))
      variables.report(name, {
        rule: "connection-ignored",
        severity: "warning",
        message: `${name} has no effect`,
        hint: "lbctl connects as if it were not there",
      })
  for (const name of keyChecking)
    if (!variables.flag(name, true))
      variables.reportAt(
        undefined,
        alwaysChecked({ written: `${name}: false`, at: variables.at(name) }),
      )
}
