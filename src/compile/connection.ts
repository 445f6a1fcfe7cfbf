import type { Problem } from "../core/problem.ts"
import type { Connection } from "../model/fleet.ts"
import type { InventoryHost } from "../schema/documents.ts"
import { hostVariables, reportTemplates } from "./host-variables.ts"
import type { HostVariables } from "./host-variables.ts"
import { alwaysChecked, applySshOption } from "./ssh-arguments.ts"
import type { Refusal, SshSettings } from "./ssh-arguments.ts"
import { parseSshOptions } from "./ssh-options.ts"

const sshPlugins = /^(?:ansible\.builtin\.)?(?:ssh|smart|paramiko|paramiko_ssh)$/
const sudoPlugins = /^(?:ansible\.builtin\.)?sudo$/

const passwords = ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"]
const unusedWithSudo = [
  "ansible_become_password",
  "ansible_become_pass",
  "ansible_sudo_pass",
  "ansible_become_flags",
  "ansible_become_exe",
]
const unused = [
  "ansible_ssh_executable",
  "ansible_ssh_timeout",
  "ansible_ssh_retries",
  "ansible_ssh_private_key",
  "ansible_ssh_private_key_passphrase",
]
const keyChecking = ["ansible_host_key_checking", "ansible_ssh_host_key_checking"]

/**
 * How to reach a host, from Ansible's connection variables with the meaning and precedence of its ssh connection plugin
 * (plugins/connection/ssh.py: ansible_ssh_args, then the variables, then ansible_ssh_common_args and _extra_args, the
 * first of each option counting). A problem stands at its variable and does not name the host, so that one value many
 * hosts share gives equal problems. What has no effect is a warning (connection-ignored); errors are connection-value,
 * connection-unsupported and inventory-template.
 */
export function connectionOf(host: InventoryHost): {
  readonly connection: Connection
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const variables = hostVariables(host, problems)
  reportTemplates(host, variables)
  const settings = sshSettings(variables)
  const connection: Connection = {
    address: wordOf(variables, ["ansible_host", "ansible_ssh_host"]) ?? host.name,
    port: settings.portNumber,
    become: becomeOf(variables),
    jump: settings.jump ?? [],
    ...(settings.user === undefined ? {} : { user: settings.user }),
    ...(settings.privateKeyFile === undefined ? {} : { privateKeyFile: settings.privateKeyFile }),
    ...(settings.knownHostsFiles === undefined
      ? {}
      : { knownHostsFiles: settings.knownHostsFiles }),
  }
  reportUnsupported(variables)
  return { connection, problems }
}

function sshSettings(variables: HostVariables): SshSettings & { readonly portNumber: number } {
  const settings: SshSettings = {}
  applyArguments(variables, "ansible_ssh_args", settings)
  const user = wordOf(variables, ["ansible_user", "ansible_ssh_user"])
  if (user !== undefined) settings.user ??= user
  const port = variables.text("ansible_port", "ansible_ssh_port")
  if (port !== undefined) settings.port ??= port.value
  const key = variables.text("ansible_private_key_file", "ansible_ssh_private_key_file")
  if (key !== undefined) settings.privateKeyFile ??= key.value
  applyArguments(variables, "ansible_ssh_common_args", settings)
  applyArguments(variables, "ansible_ssh_extra_args", settings)
  return { ...settings, portNumber: portOf(variables, settings.port, port?.name) }
}

function applyArguments(variables: HostVariables, name: string, settings: SshSettings): void {
  const found = variables.text(name)
  if (found === undefined) return
  const parsed = parseSshOptions(found.value)
  if (parsed === undefined) {
    const message = `${name} cannot be read: a quote stays open, or an option lacks its argument`
    variables.report(name, { rule: "connection-value", message, hint: "write it as for ssh(1)" })
    return
  }
  for (const option of parsed.options)
    reportRefusal(variables, name, applySshOption(settings, option))
  for (const word of parsed.words) {
    const hint = "options begin with a hyphen; quote values with blanks"
    reportRefusal(variables, name, { message: `${word} is no option of ssh`, hint, fatal: false })
  }
}

function reportRefusal(variables: HostVariables, name: string, refusal: Refusal | undefined): void {
  if (refusal === undefined) return
  const { message, hint, fatal } = refusal
  variables.report(name, {
    rule: fatal ? "connection-unsupported" : "connection-ignored",
    severity: fatal ? "error" : "warning",
    message: `${name}: ${message}`,
    hint,
  })
}

/** A word that can stand on a command line: it neither begins with a hyphen nor holds blanks, brackets or control characters. */
function wordOf(variables: HostVariables, spellings: readonly string[]): string | undefined {
  const found = variables.text(...spellings)
  if (found === undefined || /^[^-\s\p{Cc}[\]][^\s\p{Cc}[\]]*$/u.test(found.value))
    return found?.value
  variables.report(found.name, {
    rule: "connection-value",
    message: `${found.name} is ${JSON.stringify(found.value)}, which is no name or address`,
    hint: "write it without blanks or brackets, and not beginning with a hyphen",
  })
  return undefined
}

function portOf(
  variables: HostVariables,
  text: string | undefined,
  name: string | undefined,
): number {
  if (text === undefined) return 22
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  variables.report(name ?? "ansible_ssh_common_args", {
    rule: "connection-value",
    message: `the SSH port is ${JSON.stringify(text)}`,
    hint: "a port is a number from 1 to 65535",
  })
  return 22
}

function becomeOf(variables: HostVariables): boolean {
  if (!variables.flag("ansible_become", false)) return false
  const method = variables.text("ansible_become_method")
  if (method !== undefined && !sudoPlugins.test(method.value)) {
    const message = `ansible_become_method is ${method.value}: lbctl becomes root by sudo only`
    unsupported(variables, method.name, message, "write sudo, or log in as root")
  }
  const user = variables.text("ansible_become_user")
  if (user !== undefined && user.value !== "root") {
    const message = `ansible_become_user is ${user.value}: lbctl needs root`
    unsupported(variables, user.name, message, "write root, or leave it out")
  }
  for (const name of unusedWithSudo)
    if (variables.has(name))
      ignored(variables, name, "lbctl runs `sudo -n`: let sudo ask for no password (NOPASSWD)")
  return true
}

function reportUnsupported(variables: HostVariables): void {
  const plugin = variables.text("ansible_connection")
  if (plugin !== undefined && !sshPlugins.test(plugin.value)) {
    const message = `ansible_connection is ${plugin.value}: lbctl connects by ssh only`
    unsupported(
      variables,
      plugin.name,
      message,
      "write ssh, or keep the host out of lbctl's groups",
    )
  }
  for (const name of passwords)
    if (variables.has(name)) {
      const hint = "log in by key or agent, and take the password out of the inventory"
      unsupported(variables, name, `${name}: lbctl does not log in by password`, hint)
    }
  for (const name of unused)
    if (variables.has(name)) ignored(variables, name, "lbctl connects as if it were not there")
  for (const name of keyChecking)
    if (!variables.flag(name, true))
      reportRefusal(variables, name, alwaysChecked({ written: "false" }))
}

function unsupported(variables: HostVariables, name: string, message: string, hint: string): void {
  variables.report(name, { rule: "connection-unsupported", message, hint })
}

function ignored(variables: HostVariables, name: string, hint: string): void {
  const message = `${name} has no effect`
  variables.report(name, { rule: "connection-ignored", severity: "warning", message, hint })
}
