import { quote } from "../wire/shell.ts"
import { keepaliveDefaults } from "./keepalive.ts"
import type { Target } from "./target.ts"

/** What the words of a connection depend on besides its target. */
export interface MasterSettings {
  /** Where later commands find the connection. */
  readonly socket: string
  /** Printed once the login is through. */
  readonly ready: string
  readonly timeoutMs: number
  /** Somebody or something answers questions. */
  readonly asks: boolean
  /** The command whose input and output lead to the host, instead of a TCP connection. */
  readonly through: readonly string[] | undefined
}

/**
 * The words after `ssh` that open a connection for later commands. Of each option the first counts (ssh_config(5)): what
 * lbctl needs, what the inventory says, then the files that ssh reads itself.
 */
export function masterWords(target: Target, settings: MasterSettings): string[] {
  const { keepalive = keepaliveDefaults } = target
  const opening = ["-v", "-M", "-N", "-T", "-a", "-x", "-S", settings.socket]
  return opening.concat(
    option("ControlPersist", "no"),
    option("ClearAllForwardings", "yes"),
    option("RemoteCommand", "none"),
    option("PermitLocalCommand", "yes"),
    option("LocalCommand", `echo ${settings.ready}`),
    option("UpdateHostKeys", "no"),
    option("BatchMode", settings.asks ? "no" : "yes"),
    option("NumberOfPasswordPrompts", "1"),
    option("StrictHostKeyChecking", target.hostKeyChecking === "strict" ? "yes" : "accept-new"),
    option("ConnectTimeout", seconds(settings.timeoutMs)),
    option("ServerAliveInterval", seconds(keepalive.intervalMs)),
    option("ServerAliveCountMax", String(keepalive.countMax)),
    identityWords(target),
    listWords("UserKnownHostsFile", target.knownHostsFiles),
    target.hostKeyAlias === undefined ? [] : option("HostKeyAlias", target.hostKeyAlias),
    proxyWords(target, settings.through),
    target.sshArguments,
    ["-p", String(target.port), "-l", target.user],
    destination(target),
  )
}

/** The name by which ssh_config knows the host, and where it leads. */
function destination({ address, sshName }: Target): string[] {
  if (sshName === undefined) return ["--", address]
  return [...option("HostName", address.replaceAll("%", "%%")), "--", sshName]
}

/** The words after `ssh` that run something over an open connection; without it they fail, and never connect anew. */
export function overMaster(socket: string, words: readonly string[]): string[] {
  return ["-F", "/dev/null", "-S", socket, ...option("ProxyCommand", "false"), ...words]
}

function option(name: string, value: string): string[] {
  return ["-o", `${name}=${value}`]
}

function identityWords({ identityFiles, identitiesOnly, identityAgent }: Target): string[] {
  return [
    ...(identityFiles ?? []).flatMap((file) => option("IdentityFile", escaped(file))),
    ...(identitiesOnly ? option("IdentitiesOnly", "yes") : []),
    ...(identityAgent === undefined ? [] : option("IdentityAgent", escaped(identityAgent))),
  ]
}

function listWords(name: string, files: readonly string[] | undefined): string[] {
  return files === undefined ? [] : option(name, files.map(escaped).join(" "))
}

function proxyWords(
  { proxyCommand }: Target,
  through: readonly string[] | undefined,
): readonly string[] {
  const command = through === undefined ? proxyCommand : quote(through)
  return command === undefined ? [] : option("ProxyCommand", command.replaceAll("%", "%%"))
}

/** A value of ssh_config: in quotes where it has blanks, no token taken for one. */
function escaped(path: string): string {
  const plain = path.replaceAll("%", "%%")
  return /\s/.test(plain) ? `"${plain}"` : plain
}

function seconds(milliseconds: number): string {
  return String(Math.ceil(milliseconds / 1000))
}
