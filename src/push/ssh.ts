import type { Duplex } from "node:stream"

import type { AnyAuthMethod, ConnectConfig, ParsedKey } from "ssh2"
import ssh2 from "ssh2"

import { Failure } from "../core/failure.ts"
import type { Identities } from "./identities.ts"
import { ciphers, hostKeyOrder, keyExchanges } from "./ssh-algorithms.ts"
import type { SshChannel } from "./ssh-channel.ts"
import { execOn, openOn } from "./ssh-channel.ts"
import { shortenLogin } from "./ssh-shortcuts.ts"
import type { Transport } from "./transport.ts"

/** A private key ready to sign with. */
export type SshKey = ParsedKey

/** What a login needs besides an open byte stream. */
export interface SshLogin {
  readonly user: string
  readonly identities: Identities<SshKey>
  /** Key types by which known_hosts knows the host: asked for before others. */
  readonly preferredKeyTypes: readonly string[]
  /** Judges the host key (SSH wire form); what it throws ends the login and is thrown on. */
  readonly verify: (key: Buffer) => void
  /** Milliseconds for key exchange and login together. */
  readonly timeoutMs: number
}

/** A Transport through which further hosts can be reached. */
export interface SshTransport extends Transport {
  /** A byte stream from the host to another (RFC 4254 section 7.2, direct-tcpip). */
  forward(address: string, port: number): Promise<Duplex>
  onClose(listener: () => void): void
}

/** How the SSH part of a connection failed; the words for it are in ssh-errors.ts. */
export type SshTrouble =
  | { readonly kind: "refused"; readonly agent: string | undefined }
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

/** A dead connection is noticed after three unanswered questions: 15 s. */
const keepalive = { keepaliveInterval: 5000, keepaliveCountMax: 3 }

/** How long a host may take to say goodbye before its connection is cut. */
const farewellMs = 500

/** A private key for logins; `locked` when it needs a passphrase. */
export function parseSshKey(text: string): SshKey | "locked" | Error {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) {
    return /encrypted/i.test(key.message) || text.includes("ENCRYPTED PRIVATE KEY") ? "locked" : key
  }
  return key.isPrivateKey() ? key : new Error("it is a public key")
}

/** The type that a key in SSH wire form names (RFC 4253 section 6.6). */
export function sshKeyType(key: Buffer): string {
  return key.length < 4 ? "" : key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1")
}

/** Speaks SSH over an open byte stream and logs in. */
export function openSsh(stream: Duplex, login: SshLogin): Promise<SshTransport> {
  const client = new ssh2.Client()
  let verdict: unknown
  let agentTrouble: string | undefined
  const config: ConnectConfig = {
    sock: stream as NonNullable<ConnectConfig["sock"]>,
    username: login.user,
    readyTimeout: login.timeoutMs,
    ...keepalive,
    algorithms: {
      kex: [...keyExchanges],
      cipher: [...ciphers],
      serverHostKey: hostKeyOrder(login.preferredKeyTypes),
    },
    authHandler: methodsInTurn(login),
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
      client.destroy()
      stream.destroy()
      reject(error)
    }
    client.on("error", (error: Error & { level?: string }) => {
      if (error.level === "agent") agentTrouble = error.message
      else fail(verdict ?? new SshError(trouble(error, agentTrouble)))
    })
    client.on("close", () => fail(verdict ?? new SshError({ kind: "closed" })))
    client.once("ready", () => {
      settled = true
      resolve(transport(client))
    })
    if (stream.destroyed) return fail(new SshError({ kind: "closed" }))
    client.connect(config)
    shortenLogin(client)
  })
}

function trouble(error: Error & { level?: string }, agent: string | undefined): SshTrouble {
  const lost = error.message === "Connection lost before handshake"
  if (error.level === "client-authentication") return { kind: "refused", agent }
  if (error.level === "client-timeout") return { kind: "timeout" }
  if (error.level === "client-socket" || lost) return { kind: "closed" }
  return { kind: "other", message: error.message }
}

function transport(client: ssh2.Client): SshTransport {
  let closed = false
  client.once("close", () => (closed = true))
  client.on("error", () => client.destroy())
  const start = (command: string) =>
    new Promise<SshChannel>((resolve, reject) => {
      if (closed) throw new Failure("unreachable", "the connection is closed")
      try {
        client.exec(command, (error, channel) =>
          error ? reject(cannotStart(error)) : resolve(channel),
        )
      } catch (thrown) {
        // ssh2 throws where it finds its socket no longer writable.
        reject(cannotStart(thrown instanceof Error ? thrown : new Error(String(thrown))))
      }
    })
  return {
    exec: (command, options) => execOn(start(command), options),
    open: async (command) => openOn(await start(command)),
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

function cannotStart(cause: Error): Failure {
  return new Failure("unreachable", `the host does not start a command: ${cause.message}`, {
    cause,
  })
}

/** Offers one method after the other; no `none` request first, which would cost a round trip. */
function methodsInTurn(login: SshLogin): NonNullable<ConnectConfig["authHandler"]> {
  const { user: username, identities } = login
  const keys = identities.keys.map(({ key }): AnyAuthMethod => ({
    type: "publickey",
    username,
    key,
  }))
  const agent: AnyAuthMethod[] =
    identities.agent === undefined ? [] : [{ type: "agent", username, agent: identities.agent }]
  const methods = identities.agentFirst ? [...agent, ...keys] : [...keys, ...agent]
  return (_left, _partial, next) => {
    const method = methods.shift()
    // ssh2 documents `false` as the end of methods; its types leave that out.
    next(method ?? (false as unknown as AnyAuthMethod))
  }
}
