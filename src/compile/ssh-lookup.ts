import type { Problem } from "../core/problem.ts"
import { ok } from "../core/result.ts"
import type {
  SshConfig,
  SshConfigFile,
  SshConfigLine,
  SshSurroundings,
} from "../schema/ssh-config.ts"
import { hostMatches, matchHolds } from "./ssh-match.ts"
import type { MatchFacts } from "./ssh-match.ts"
import { fillTokens, tokensOf } from "./ssh-tokens.ts"
import { hopsOf } from "./ssh-values.ts"

/** What ssh is asked to connect to. */
export interface SshQuestion {
  /** The name as ssh would be given it. */
  readonly name: string
  /** Options of the command line: they come before all files. */
  readonly options: readonly SshConfigLine[]
  readonly config: SshConfig
  /** Of -F: jump hosts are looked up there too, as ssh does. */
  readonly configFile?: string
  /** What will connect: the system's ssh honours what the built-in client cannot. */
  readonly transport: "builtin" | "ssh"
}

/** The lines that count for a host. */
export interface SshLines {
  /** By keyword, the first line of each; ProxyJump or ProxyCommand, whichever comes first. */
  readonly first: ReadonlyMap<string, SshConfigLine>
  /** All of IdentityFile, which adds up. */
  readonly identityFiles: readonly SshConfigLine[]
}

function isTime(keyword: string): boolean {
  return keyword === "connecttimeout" || keyword === "serveraliveinterval"
}

/** Whether an earlier line leaves a ProxyJump or ProxyCommand without effect; `ProxyJump none` leaves room for a command. */
function isCrowdedOut(keyword: string, first: SshLines["first"]): boolean {
  if (keyword === "proxyjump") return first.has("proxycommand")
  const jump = first.get("proxyjump")
  return keyword === "proxycommand" && jump !== undefined && hopsOf(jump.rest)?.length !== 0
}

/**
 * Finds the lines that count for a host, in OpenSSH's order: the command line, then the files; `Match final` asks for a
 * second pass with the name that the first found. Match lines that cannot be judged are problems (ssh-config) and do not
 * hold.
 */
export function lookUp(
  { name, options, config, transport }: SshQuestion,
  around: SshSurroundings,
  report: (problem: Problem) => void,
): SshLines {
  const first = new Map<string, SshConfigLine>()
  const identityFiles: SshConfigLine[] = []
  let finalWanted = false

  const take = (line: SshConfigLine): void => {
    const { keyword, args } = line
    // To OpenSSH a time of `none` is as good as none said, and a later line counts (readconf.c, parse_time).
    if (isTime(keyword) && args[0] === "none") return
    if (keyword === "identityfile") {
      if (!identityFiles.some((other) => other.args[0] === args[0])) identityFiles.push(line)
    } else if (!first.has(keyword) && !isCrowdedOut(keyword, first)) first.set(keyword, line)
  }

  const facts = (final: boolean): MatchFacts => ({
    host: () => hostNameOf(name, first),
    originalHost: name,
    user: () => first.get("user")?.args[0] ?? around.user,
    localUser: around.user,
    final,
    wantFinal: () => (finalWanted = true),
    exec: (command) => {
      const filled = fillTokens(command, tokensFor(name, first, around))
      if (!filled.ok) return filled
      const value = around.succeeds(filled.value)
      if (value !== undefined) return { ok: true, value }
      return { ok: false, error: "the command of Match exec cannot be run, or does not end" }
    },
  })

  /**
   * Lines below a Host or Match that does not hold have no effect, nor has what is included there, except that its `Match
   * final` counts. The second pass finds no other HostName.
   */
  const pass = (lines: SshConfigFile, host: string, about: MatchFacts, reached = true): void => {
    let active = reached
    for (const line of lines) {
      if (line.keyword === "host") active = reached && hostMatches(host, line.args)
      else if (line.keyword === "match") active = holds(line, about, reached)
      else if (line.included !== undefined)
        for (const file of line.included) pass(file, host, about, active)
      else if (active && !(about.final && line.keyword === "hostname")) take(line)
    }
  }

  const holds = (line: SshConfigLine, about: MatchFacts, reached: boolean): boolean => {
    const held = matchHolds(line.rest, reached ? about : { ...about, exec: () => ok(false) })
    if (!held.ok && transport === "builtin") report(unreadable(line, held.error))
    return reached && held.ok && held.value
  }

  for (const option of options) take(option)
  for (const file of config.files) pass(file, name, facts(false))
  if (finalWanted) {
    const host = hostNameOf(name, first).toLowerCase()
    for (const file of config.files) pass(file, host, facts(true))
  }
  return { first, identityFiles }
}

/** Where a name leads by HostName; the name itself where that cannot be read. */
export function hostNameOf(name: string, first: SshLines["first"]): string {
  const written = first.get("hostname")?.args[0]
  if (written === undefined) return name
  const filled = fillTokens(written, { h: name })
  return filled.ok ? filled.value : name
}

/** What tokens stand for, as far as the lines found say it. */
export function tokensFor(
  name: string,
  first: SshLines["first"],
  around: SshSurroundings,
): ReturnType<typeof tokensOf> {
  const host = hostNameOf(name, first).toLowerCase()
  const user = first.get("user")?.args[0] ?? around.user
  const jump = hopsOf(first.get("proxyjump")?.rest ?? "none")?.at(-1)?.address ?? ""
  const facts = { host, originalHost: name, port: portOf(first), user, jump }
  return tokensOf({ ...facts, hostKeyAlias: first.get("hostkeyalias")?.args[0] }, around)
}

/** 22 where no line, or none that can be read, says otherwise. */
export function portOf(first: SshLines["first"]): number {
  const port = Number(first.get("port")?.args[0] ?? 22)
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : 22
}

function unreadable({ at }: SshConfigLine, message: string): Problem {
  const hint =
    "the built-in client knows all, final, canonical, host, originalhost, user, localuser, exec; for others set lbctl_transport: ssh"
  return { rule: "ssh-config", message, at, hint }
}
