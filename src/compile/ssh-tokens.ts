import { createHash } from "node:crypto"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import type { SshSurroundings } from "../schema/ssh-config.ts"

/** Values by token letter (ssh_config(5), TOKENS). */
export type Tokens = Readonly<Record<string, string>>

/** What tokens stand for besides the surroundings. */
export interface TokenFacts {
  /** %h, after HostName. */
  readonly host: string
  /** %n, as it was asked for. */
  readonly originalHost: string
  readonly port: number
  /** %r */
  readonly user: string
  /** %k */
  readonly hostKeyAlias?: string | undefined
  /** %j: the jump host as ProxyJump names it, or nothing. */
  readonly jump: string
}

/** All tokens. %C hashes as OpenSSH does since %j is in it; without a jump host older ones give the same. */
export function tokensOf(facts: TokenFacts, around: SshSurroundings): Tokens {
  const { host, originalHost, user, jump } = facts
  const port = String(facts.port)
  const { hostName, home, uid } = around
  return {
    C: createHash("sha1").update(`${hostName}${host}${port}${user}${jump}`).digest("hex"),
    L: hostName.replace(/\..*$/, ""),
    d: home,
    h: host,
    i: String(uid),
    j: jump,
    k: facts.hostKeyAlias ?? host,
    l: hostName,
    n: originalHost,
    p: port,
    r: user,
    u: around.user,
  }
}

/** The tokens that a keyword takes. */
export function only(tokens: Tokens, letters: string): Tokens {
  return Object.fromEntries(Object.entries(tokens).filter(([letter]) => letters.includes(letter)))
}

/** Fills in tokens; the error names one that the place does not take. */
export function fillTokens(text: string, tokens: Tokens): Result<string, string> {
  const wrong = [...text.matchAll(/%(.?)/gs)].find(
    ([, letter = ""]) => letter !== "%" && !Object.hasOwn(tokens, letter),
  )
  if (wrong !== undefined) return err(`${wrong[0]} is no token that can stand there`)
  return ok(text.replace(/%(.)/gs, (_all, letter: string) => tokens[letter] ?? "%"))
}

/** Fills in tokens, `${NAME}` and a `~/` at the beginning, as in the names of files. */
export function fillPath(
  text: string,
  tokens: Tokens,
  around: SshSurroundings,
): Result<string, string> {
  if (/^~[^/]/.test(text)) return err("the home folder of another user is not looked up")
  const whole = text.startsWith("~") ? `${around.home}${text.slice(1)}` : text
  const parts = whole.split(/(%.|\$\{[^}]*\})/s)
  const filled = parts.map((part): Result<string, string> => {
    const name = /^\$\{([^}]*)\}$/.exec(part)?.[1]
    if (name === undefined) return fillTokens(part, tokens)
    const value = around.environment(name)
    return value === undefined ? err(`the environment has no ${name}`) : ok(value)
  })
  const bad = filled.find((part) => !part.ok)
  return bad ?? ok(filled.map((part) => (part.ok ? part.value : "")).join(""))
}
