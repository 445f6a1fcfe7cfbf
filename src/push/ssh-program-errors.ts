import { Failure } from "../core/failure.ts"
import { NotThere } from "./ssh-client.ts"
import type { ShownKey } from "./ssh-errors.ts"
import { hostKeyFailure, loginFailure, networkFailure } from "./ssh-errors.ts"
import type { Target } from "./target.ts"
import { hopNames, keyName, targetName } from "./target.ts"

/** How a connection by the ssh program ended before it was open. */
export interface ProgramEnd {
  /** Exit code of ssh; 127 when there is none. */
  readonly code: number
  /** All it said, by `-v`. */
  readonly said: string
  /** The file for newly accepted keys. */
  readonly knownHostsFile: string
  /** What ssh wanted to ask and could not. */
  readonly unasked: readonly string[]
}

/**
 * What went wrong, in the words of the built-in client: ssh(1) tells it only by its messages (OpenSSH 8 to 10, sshconnect.c,
 * sshconnect2.c, packet.c).
 */
export function programFailure(target: Target, end: ProgramEnd): Failure | NotThere {
  if (end.code === 127) return noProgram()
  return (
    hostKeyTrouble(target, end) ??
    loginTrouble(target, end) ??
    hopTrouble(target, end.said) ??
    networkTrouble(target, end.said) ??
    otherTrouble(target, end.said)
  )
}

/** A connection that took longer than it may. */
export function programTimeout(target: Target, said: string): Failure {
  return /^debug1: Connection established/m.test(said)
    ? loginFailure(target, { kind: "timeout" }, noKeys)
    : networkFailure(target, coded("ETIMEDOUT"))
}

const noKeys = { keys: [], locked: [] }

function noProgram(): Failure {
  return new Failure("unreachable", "there is no ssh program on this machine", {
    hint: "install OpenSSH's client, or use the built-in one: --transport builtin",
  })
}

function hostKeyTrouble(target: Target, { said, knownHostsFile }: ProgramEnd): Failure | undefined {
  if (!/^Host key verification failed\./m.test(said)) return undefined
  const key = shownKey(said)
  const offending = /^Offending (?:\S+ )?key (?:for IP )?in (.+):(\d+)\s*$/m.exec(said)
  const entry = { file: offending?.[1] ?? knownHostsFile, line: Number(offending?.[2] ?? 0) }
  if (/REVOKED HOST KEY DETECTED|is marked as revoked/.test(said)) {
    const message = `the host key of ${keyName(target)} is revoked: ${key.type} ${key.fingerprint}`
    const hint = "the host needs a new host key; never accept this one"
    return new Failure("unreachable", message, { hint })
  }
  return offending === null
    ? hostKeyFailure(target, key, { verdict: "unknown" }, knownHostsFile)
    : hostKeyFailure(target, key, { verdict: "changed", entry }, knownHostsFile)
}

/** `debug1: Server host key: ssh-ed25519 SHA256:…` */
function shownKey(said: string): ShownKey {
  const match = /^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+)/m.exec(said)
  return { type: match?.[1] ?? "a key", fingerprint: match?.[2] ?? "that ssh does not tell" }
}

function loginTrouble(target: Target, { said, unasked }: ProgramEnd): Failure | undefined {
  if (!/: Permission denied \(|^Permission denied \(|Too many authentication failures/m.test(said))
    return undefined
  const offered = [...said.matchAll(/^debug1: Offering public key: (.+?) \S+ SHA256:/gm)]
  const paths = [...new Set(offered.map(([, path = ""]) => path))]
  const keys = paths.map((path) => ({ path, key: undefined }))
  const takes = /Permission denied \(([^)]*)\)/.exec(said)?.[1]?.split(",") ?? []
  const trouble = { kind: "refused", agent: undefined, takes } as const
  return loginFailure(target, trouble, { keys, locked: lockedKeys(said, unasked) })
}

/** Keys that the server would have taken, and for which ssh had no passphrase. */
function lockedKeys(said: string, unasked: readonly string[]): string[] {
  const asked = unasked.flatMap((question) => /passphrase for key '(.+)'/.exec(question)?.[1] ?? [])
  const accepted = [...said.matchAll(/^debug1: Server accepts key: (.+?) \S+ SHA256:/gm)]
  const signed = /^Authenticated .*with partial success/m.test(said)
  return [...asked, ...(signed ? [] : accepted.map(([, path = ""]) => path))]
}

/** A jump host that does not lead on: mux.c and channels.c of the ssh that runs over its connection. */
function hopTrouble(target: Target, said: string): Failure | undefined {
  if (target.via === undefined) return undefined
  if (!/open failed|stdio forwarding failed|Stdio forwarding request failed/i.test(said))
    return undefined
  const { address, port } = target
  const message = `the jump host ${hopNames(target).at(-1)} cannot reach ${address}:${port}`
  return new Failure("unreachable", message, {
    hint: "the address must be right as seen from there, and its sshd must allow TCP forwarding",
  })
}

/** Messages of connect(2) and getaddrinfo(3) as ssh passes them on, and the codes that Node has for them. */
const network: readonly (readonly [RegExp, string, "again" | "final"])[] = [
  [/Could not resolve hostname .*Temporary failure/, "EAI_AGAIN", "again"],
  [/Could not resolve hostname/, "ENOTFOUND", "final"],
  [/^ssh: connect to host .*Connection refused/m, "ECONNREFUSED", "again"],
  [/^ssh: connect to host .*(timed out)/m, "ETIMEDOUT", "final"],
  [/^ssh: connect to host .*No route to host/m, "EHOSTUNREACH", "final"],
  [/^ssh: connect to host .*Network is unreachable/m, "ENETUNREACH", "final"],
]

function networkTrouble(target: Target, said: string): Failure | NotThere | undefined {
  const match = network.find(([pattern]) => pattern.test(said))
  if (match === undefined) return undefined
  const failure = networkFailure(target, coded(match[1]))
  return match[2] === "again" ? new NotThere(failure) : failure
}

function coded(code: string): Error & { code: string } {
  return Object.assign(new Error(code), { code })
}

function otherTrouble(target: Target, said: string): Failure | NotThere {
  if (/timed out during banner exchange|Connection timed out/i.test(said))
    return loginFailure(target, { kind: "timeout" }, noKeys)
  if (/Connection (closed|reset) by|kex_exchange_identification|Broken pipe/.test(said))
    return new NotThere(loginFailure(target, { kind: "closed" }, noKeys))
  const words = said.split("\n").filter((line) => !/^(debug\d:|OpenSSH_|\s*$)/.test(line))
  const message = words.at(-1)?.trim() ?? `ssh ended without a word (${targetName(target)})`
  return loginFailure(target, { kind: "other", message }, noKeys)
}
