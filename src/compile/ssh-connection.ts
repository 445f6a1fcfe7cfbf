import type { Problem } from "../core/problem.ts"
import type { Result } from "../core/result.ts"
import type { Connection } from "../model/fleet.ts"
import type { SshConfigLine, SshSurroundings } from "../schema/ssh-config.ts"
import { checkSshConfig } from "./ssh-config-check.ts"
import { hopsOfCommand } from "./ssh-forward.ts"
import type { Hop } from "./ssh-hop.ts"
import { hostNameOf, lookUp, portOf, tokensFor } from "./ssh-lookup.ts"
import type { SshLines, SshQuestion } from "./ssh-lookup.ts"
import { fillPath, fillTokens, only } from "./ssh-tokens.ts"
import type { Tokens } from "./ssh-tokens.ts"
import { unhonoured } from "./ssh-unhonoured.ts"
import { flagOf, hopsOf, millisecondsOf, mistakeOf } from "./ssh-values.ts"

/** What ssh's options say of a connection; the rest of it is Ansible's. */
export type SshConnection = Omit<
  Connection,
  "transport" | "sshArguments" | "sshName" | "password" | "become"
>

/** A way to a host: what was asked, and what counts for it. */
interface Start extends SshLines {
  readonly question: SshQuestion
  readonly around: SshSurroundings
  readonly tokens: Tokens
  readonly report: (problem: Problem) => void
}

interface Way extends Start {
  readonly journey: Journey
}

/** How a jump host came to be asked for. */
interface Journey {
  /** Jump hosts asked for before, to see a circle. */
  readonly before: readonly string[]
  /** What the inventory says of the host behind it. */
  readonly inherited: Pick<Connection, "identityFiles" | "knownHostsFiles">
}

/** More jump hosts than anybody has. */
const maxHops = 8

/**
 * How ssh would connect to a name, as `ssh -G` tells it: command line, then files, tokens filled in, jump hosts resolved
 * each by its own lines. Problems: what ssh would refuse, and what the built-in client does otherwise (ssh-config,
 * connection-value, connection-unsupported, connection-ignored).
 */
export function sshConnection(
  question: SshQuestion,
  around: SshSurroundings,
  report: (problem: Problem) => void,
  journey?: Journey,
): SshConnection {
  for (const problem of checkSshConfig(question.config)) report(problem)
  const lines = lookUp(question, around, report)
  const tokens = tokensFor(question.name, lines.first, around)
  const start = { ...lines, question, around, tokens, report }
  const way = {
    ...start,
    journey: journey ?? { before: [], inherited: bequest({ ...start, report: () => undefined }) },
  }
  for (const line of lines.first.values()) {
    const problem = unhonoured(line, question.transport)
    if (problem !== undefined) report(problem)
  }
  const user = good(way, "user")?.args[0]
  const identityFiles = identityFilesOf(way)
  const identityAgent = identityAgentOf(way)
  const knownHostsFiles = knownHostsOf(way)
  const hostKeyAlias = good(way, "hostkeyalias")?.args[0]
  const connectTimeoutMs = millisecondsOf(good(way, "connecttimeout")?.args[0] ?? "")
  const keepalive = keepaliveOf(way)
  return {
    ...journey?.inherited,
    address: addressOf(way),
    port: portOf(lines.first),
    identitiesOnly: flagOf(good(way, "identitiesonly")?.args[0] ?? "no") === true,
    hostKeyChecking: checkingOf(way),
    ...(user === undefined ? {} : { user }),
    ...(identityFiles === undefined ? {} : { identityFiles }),
    ...(identityAgent === undefined ? {} : { identityAgent }),
    ...(knownHostsFiles === undefined ? {} : { knownHostsFiles }),
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(connectTimeoutMs === undefined || connectTimeoutMs === 0 ? {} : { connectTimeoutMs }),
    ...(keepalive === undefined ? {} : { keepalive }),
    ...proxyOf(way),
  }
}

/** The line that counts for a keyword, when its value can be read; one that cannot has been told. */
function good({ first }: Start, keyword: string): SshConfigLine | undefined {
  const line = first.get(keyword)
  return line === undefined || mistakeOf(line) !== undefined ? undefined : line
}

/** The value after its tokens are filled in; undefined, and told, when they cannot be. */
function filled(
  way: Start,
  line: SshConfigLine,
  value: Result<string, string>,
): string | undefined {
  if (value.ok) return value.value
  const hint = "see TOKENS and ENVIRONMENT VARIABLES in ssh_config(5)"
  const message = `${line.written}: ${value.error}`
  way.report({ rule: "connection-value", message, at: line.at, hint })
  return undefined
}

function addressOf(way: Way): string {
  const { name } = way.question
  const line = good(way, "hostname")
  if (line === undefined) return name.toLowerCase()
  const address = filled(way, line, fillTokens(line.args[0] ?? "", { h: name }))
  // As a command line or a shell might take it for something else (ssh.c, valid_hostname).
  if (address !== undefined && /^-|[\s\p{Cc}'"`$\\;&<>|(){}]/u.test(address)) {
    const hint = "write a name or an address"
    const message = `${line.written}: ${JSON.stringify(address)} is no host name`
    way.report({ rule: "connection-value", message, at: line.at, hint })
  }
  return hostNameOf(name, way.first).toLowerCase()
}

/** Undefined when no line names one; `none` names none. */
function identityFilesOf(way: Start): readonly string[] | undefined {
  const lines = way.identityFiles.filter((line) => mistakeOf(line) === undefined)
  if (lines.length === 0) return undefined
  return lines
    .filter(({ args: [file = ""] }) => file.toLowerCase() !== "none")
    .flatMap((line) => path(way, line, line.args[0] ?? "") ?? [])
}

function path(way: Start, line: SshConfigLine, text: string): string | undefined {
  return filled(way, line, fillPath(text, way.tokens, way.around))
}

/** `$NAME` is a variable that holds the socket (ssh_config(5), IdentityAgent). */
function identityAgentOf(way: Way): string | undefined {
  const line = good(way, "identityagent")
  const text = line?.args[0]
  if (line === undefined || text === undefined || text === "SSH_AUTH_SOCK") return undefined
  if (text.toLowerCase() === "none") return "none"
  const variable = /^\$([A-Za-z_]\w*)$/.exec(text)?.[1]
  if (variable !== undefined) return way.around.environment(variable) ?? "none"
  return path(way, line, text)
}

function knownHostsOf(way: Start): readonly string[] | undefined {
  const line = good(way, "userknownhostsfile")
  if (line === undefined) return undefined
  if (line.args[0]?.toLowerCase() === "none") return ["/dev/null"]
  return line.args.flatMap((file) => path(way, line, file) ?? [])
}

function checkingOf(way: Way): Connection["hostKeyChecking"] {
  const value = good(way, "stricthostkeychecking")?.args[0]?.toLowerCase()
  return value === "accept-new" ? value : "strict"
}

/** ServerAliveCountMax alone has no effect, since the interval is 0 then; 3 is its default (ssh_config(5)). */
function keepaliveOf(way: Way): Connection["keepalive"] {
  const interval = good(way, "serveraliveinterval")?.args[0]
  if (interval === undefined) return undefined
  const countMax = Number(good(way, "serveralivecountmax")?.args[0] ?? 3)
  return { intervalMs: millisecondsOf(interval) ?? 0, countMax }
}

function proxyOf(way: Way): Pick<SshConnection, "via" | "proxyCommand"> {
  const jump = good(way, "proxyjump")
  if (jump !== undefined) {
    const via = viaOf(way, jump, hopsOf(jump.rest) ?? [])
    if (via !== undefined) return { via }
  }
  const command = good(way, "proxycommand")
  if (command === undefined || command.rest.toLowerCase() === "none") return {}
  const hops = hopsOfCommand(command.rest)
  if (hops !== undefined) {
    const via = viaOf(way, command, hops)
    return via === undefined ? {} : { via }
  }
  const proxyCommand = filled(way, command, fillTokens(command.rest, only(way.tokens, "hnpr")))
  return proxyCommand === undefined ? {} : { proxyCommand }
}

/**
 * The last jump host, by its own lines; those before it come between here and there, as ssh passes them on (ssh.c). Keys
 * and known_hosts files that the inventory names are for its jump hosts too, where nothing else is said of those.
 */
function viaOf(way: Way, line: SshConfigLine, hops: readonly Hop[]): Connection | undefined {
  const last = hops.at(-1)
  if (last === undefined) return undefined
  const { question, around, report, journey } = way
  const { before } = journey
  const name = filled(way, line, fillTokens(last.address, only(way.tokens, "hnpr")))
  if (name === undefined) return undefined
  const key = `${last.user ?? ""}@${name}:${last.port ?? ""}`
  if (before.includes(key) || before.length === maxHops) {
    const hint = "leave the jump host itself out: Host * !bastion"
    const message = `${line.written}: the way to ${name} leads through itself`
    report({ rule: "connection-value", message, at: line.at, hint })
    return undefined
  }
  const options = hopOptions(line, last, hops.slice(0, -1))
  const own = sshConnection({ ...question, name, options }, around, report, {
    ...journey,
    before: [...before, key],
  })
  return {
    ...own,
    transport: question.transport,
    sshArguments: question.configFile === undefined ? [] : ["-F", question.configFile],
    ...(own.address === name ? {} : { sshName: name }),
  }
}

function hopOptions(line: SshConfigLine, hop: Hop, before: readonly Hop[]): SshConfigLine[] {
  const option = (keyword: string, value: string): SshConfigLine => ({
    keyword,
    args: [value],
    rest: value,
    at: line.at,
    written: line.written,
  })
  return [
    ...(hop.user === undefined ? [] : [option("user", hop.user)]),
    ...(hop.port === undefined ? [] : [option("port", String(hop.port))]),
    ...(before.length === 0 ? [] : [option("proxyjump", before.map(hopText).join(","))]),
  ]
}

function hopText({ user, address, port }: Hop): string {
  const host = address.includes(":") ? `[${address}]` : address
  return `${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`
}

/** What jump hosts get of the inventory: keys, and known_hosts files beside the user's own. */
function bequest(way: Start): Journey["inherited"] {
  const { options } = way.question
  const identityFiles = identityFilesOf({
    ...way,
    identityFiles: way.identityFiles.filter((line) => options.includes(line)),
  })
  const known = way.first.get("userknownhostsfile")
  const knownHostsFiles =
    known === undefined || !options.includes(known) ? undefined : knownHostsOf(way)
  return {
    ...(identityFiles === undefined ? {} : { identityFiles }),
    ...(knownHostsFiles === undefined
      ? {}
      : { knownHostsFiles: [...knownHostsFiles, "~/.ssh/known_hosts"] }),
  }
}
