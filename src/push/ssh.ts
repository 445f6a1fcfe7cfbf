import type { Duplex } from "node:stream"

import type { AnyAuthMethod, ConnectConfig, ParsedKey } from "ssh2"
import ssh2 from "ssh2"

import { Failure } from "../core/failure.ts"
import type { Command } from "./command.ts"
import { died } from "./command.ts"
import { assertNever } from "../core/result.ts"
import type { Identities } from "./identities.ts"
import type { Patience } from "./patience.ts"
import { openPatience } from "./patience.ts"
import type { Prompter } from "./prompter.ts"
import { keepaliveDefaults } from "./keepalive.ts"
import { ciphers, hostKeyOrder, keyExchanges } from "./ssh-algorithms.ts"
import type { HopLink } from "./ssh-client.ts"
import type { LoginMethod } from "./ssh-methods.ts"
import { loginMethods } from "./ssh-methods.ts"
import { shortenLogin } from "./ssh-shortcuts.ts"
import type { Target } from "./target.ts"
import { targetName } from "./target.ts"

/** A private key ready to sign with. */
export type SshKey = ParsedKey

/** What a login needs besides an open byte stream. */
export interface SshLogin {
  readonly target: Target
  readonly identities: Identities<SshKey>
  /** Asked what the server wants to know besides a key; left out where there is no terminal. */
  readonly prompter: Prompter | undefined
  /** Key types by which known_hosts knows the host: asked for before others. */
  readonly preferredKeyTypes: readonly string[]
  /** Judges the host key (SSH wire form); what it throws ends the login and is thrown on. */
  readonly verify: (key: Buffer) => void
  /** Milliseconds for key exchange and login together. */
  readonly timeoutMs: number
}

/** A connection that further hosts can be reached through. */
export interface SshLink extends HopLink {
  /** A byte stream from the host to another (RFC 4254 section 7.2, direct-tcpip). */
  forward(address: string, port: number): Promise<Duplex>
}

/** How the SSH part of a connection failed; the words for it are in ssh-errors.ts. */
export type SshTrouble =
  | {
      readonly kind: "refused"
      /** What the ssh-agent complained of. */
      readonly agent: string | undefined
      /** Names of the methods that the server would have taken. */
      readonly takes: readonly string[]
    }
  | { readonly kind: "timeout" }
  | { readonly kind: "closed" }
  | { readonly kind: "other"; readonly message: string }

/** Thrown by `openSsh`; what `verify` throws passes as it is. */
export class SshError extends Error {
  readonly trouble: SshTrouble

  constructor(trouble: SshTrouble) {
    super(trouble.kind === "other" ? trouble.message : trouble.kind)
    this.trouble = trouble
  }
}

/** How long a host may take to say goodbye before its connection is cut. */
const farewellMs = 500

/** A private key for logins; `locked` when it needs a passphrase, or another. */
export function parseSshKey(text: string, passphrase?: string): SshKey | "locked" | Error {
  const key = ssh2.utils.parseKey(text, passphrase)
  if (key instanceof Error) {
    return /encrypted|bad passphrase|integrity check/i.test(key.message) ? "locked" : key
  }
  return key.isPrivateKey() ? key : new Error("it is a public key")
}

/** The type that a key in SSH wire form names (RFC 4253 section 6.6). */
export function sshKeyType(key: Buffer): string {
  return key.length < 4 ? "" : key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1")
}

/** Speaks SSH over an open byte stream and logs in. */
export function openSsh(stream: Duplex, login: SshLogin): Promise<SshLink> {
  const client = new ssh2.Client()
  let verdict: unknown
  let agentTrouble: string | undefined
  let takes: readonly string[] = []
  const { keepalive = keepaliveDefaults } = login.target
  const patience = openPatience(login.timeoutMs)
  const config: ConnectConfig = {
    sock: stream as NonNullable<ConnectConfig["sock"]>,
    username: login.target.user,
    readyTimeout: 0,
    keepaliveInterval: keepalive.intervalMs,
    keepaliveCountMax: keepalive.countMax,
    algorithms: {
      kex: [...keyExchanges],
      cipher: [...ciphers],
      serverHostKey: hostKeyOrder(login.preferredKeyTypes),
    },
    authHandler: methodsInTurn(login, patience, {
      taken: (methods) => (takes = methods),
      giveUp: (thrown) => {
        verdict = thrown
        client.destroy()
      },
    }),
    hostVerifier: (key: Buffer) => {
      try {
        login.verify(key)
        return true
      } catch (thrown) {
        verdict = thrown
        return false
      }
    },
  }
  return new Promise((resolve, reject) => {
    let settled = false
    const fail = (error: unknown) => {
      if (settled) return
      settled = true
      patience.end()
      client.destroy()
      stream.destroy()
      reject(error)
    }
    client.on("error", (error: Error & { level?: string }) => {
      if (error.level === "agent") agentTrouble = error.message
      else fail(verdict ?? new SshError(trouble(error, agentTrouble, takes)))
    })
    client.on("close", () => fail(verdict ?? new SshError({ kind: "closed" })))
    client.once("ready", () => {
      settled = true
      patience.end()
      resolve(linkOf(client))
    })
    patience.onEnd(() => fail(new SshError({ kind: "timeout" })))
    if (stream.destroyed) return fail(new SshError({ kind: "closed" }))
    client.connect(config)
    shortenLogin(client)
  })
}

function trouble(
  error: Error & { level?: string },
  agent: string | undefined,
  takes: readonly string[],
): SshTrouble {
  const lost = error.message === "Connection lost before handshake"
  if (error.level === "client-authentication") return { kind: "refused", agent, takes }
  if (error.message.startsWith("ProxyCommand:")) return { kind: "other", message: error.message }
  if (error.level === "client-socket" || lost) return { kind: "closed" }
  return { kind: "other", message: error.message }
}

function linkOf(client: ssh2.Client): SshLink {
  let closed = false
  client.once("close", () => (closed = true))
  client.on("error", () => client.destroy())
  return {
    start: (command) =>
      new Promise((resolve, reject) => {
        if (closed) throw new Failure("unreachable", "the connection is closed")
        try {
          client.exec(command, (error, channel) =>
            error ? reject(cannotStart(error)) : resolve(commandOn(channel)),
          )
        } catch (thrown) {
          // ssh2 throws where it finds its socket no longer writable.
          reject(cannotStart(thrown instanceof Error ? thrown : new Error(String(thrown))))
        }
      }),
    forward: (address, port) =>
      new Promise((resolve, reject) => {
        client.forwardOut("127.0.0.1", 0, address, port, (error, channel) =>
          error ? reject(error) : resolve(channel),
        )
      }),
    onClose: (listener) => void client.once("close", listener),
    close() {
      client.end()
      setTimeout(() => client.destroy(), farewellMs).unref()
    },
  }
}

/**
 * ssh2 tells a connection's death only by a `close` that carries no code, and a signal as `null` (shells report a signal as
 * 128 and more).
 */
function commandOn(channel: ssh2.ClientChannel): Command {
  const ended = new Promise<number>((resolve, reject) => {
    channel.on("error", () => undefined)
    channel.once("close", (code: number | null | undefined, signal?: string) => {
      if (typeof code === "number") resolve(code)
      else if (signal !== undefined) resolve(128)
      else reject(died())
    })
  })
  ended.catch(() => undefined)
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    ended,
    abandon: () => void channel.destroy(),
  }
}

function cannotStart(cause: Error): Failure {
  return new Failure("unreachable", `the host does not start a command: ${cause.message}`, {
    cause,
  })
}

/** Who follows the methods in turn. */
interface Watch {
  /** Told what the server would take. */
  readonly taken: (methods: readonly string[]) => void
  readonly giveUp: (thrown: unknown) => void
}

/** Offers one method after the other; no `none` request first, which would cost a round trip. */
function methodsInTurn(
  { target, identities, prompter }: SshLogin,
  patience: Patience,
  { taken, giveUp }: Watch,
): NonNullable<ConnectConfig["authHandler"]> {
  const { user: username, password } = target
  const host = targetName(target)
  const next = loginMethods({ host, identities, password, prompter, patience })
  return (left: string[] | null, partial: boolean | null, offer) => {
    if (left !== null) taken(left)
    next(left ?? undefined, partial === true).then(
      // ssh2 documents `false` as the end of methods; its types leave that out.
      (method) =>
        offer(
          method === undefined
            ? (false as unknown as AnyAuthMethod)
            : inSsh2(method, username, giveUp),
        ),
      giveUp,
    )
  }
}

function inSsh2(
  method: LoginMethod<SshKey>,
  username: string,
  giveUp: (thrown: unknown) => void,
): AnyAuthMethod {
  switch (method.type) {
    case "key":
      return { type: "publickey", username, key: method.key }
    case "agent":
      return { type: "agent", username, agent: agentFor(method.agent) }
    case "none":
      return { type: "none", username }
    case "password":
      return { type: "password", username, password: method.password.reveal() }
    case "keyboard-interactive":
      return {
        type: "keyboard-interactive",
        username,
        prompt: (name, instructions, _language, questions, finish) => {
          method
            .answer(`${name} ${instructions}`, questions)
            .then((answers) => finish(answers.map((answer) => answer.reveal())), giveUp)
        },
      }
    default:
      return assertNever(method)
  }
}

/** An agent that shows its chosen keys only. */
class ChosenKeys extends ssh2.OpenSSHAgent {
  readonly #only: ReadonlySet<string>

  constructor(socket: string, only: ReadonlySet<string>) {
    super(socket)
    this.#only = only
  }

  override getIdentities(done: Parameters<ssh2.OpenSSHAgent["getIdentities"]>[0]): void {
    super.getIdentities((error, keys) =>
      done(
        error,
        keys?.filter((key) => this.#only.has(publicPart(key))),
      ),
    )
  }
}

function publicPart(key: ParsedKey | ssh2.PublicKeyEntry): string {
  const bytes = "getPublicSSH" in key ? key.getPublicSSH() : key.pubKey
  return Buffer.isBuffer(bytes) ? bytes.toString("base64") : ""
}

function agentFor({ socket, only }: { socket: string; only?: ReadonlySet<string> }) {
  return only === undefined ? socket : new ChosenKeys(socket, only)
}
