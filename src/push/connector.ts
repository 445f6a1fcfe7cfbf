import { setTimeout as sleep } from "node:timers/promises"
import type { Duplex } from "node:stream"

import { Failure } from "../core/failure.ts"
import type { Connection } from "../model/fleet.ts"
import { becomeRoot } from "./become.ts"
import { dial } from "./dial.ts"
import { parseHop } from "./hop.ts"
import { openHostKeys } from "./host-keys.ts"
import { openIdentities } from "./identities.ts"
import { limit } from "./limit.ts"
import type { Endpoint, LoginContext } from "./login.ts"
import { login } from "./login.ts"
import type { SshTransport } from "./ssh.ts"
import { parseSshKey, SshError } from "./ssh.ts"
import type { Target } from "./ssh-errors.ts"
import { loginFailure, networkFailure } from "./ssh-errors.ts"
import type { Transport } from "./transport.ts"

/** What connections need of the machine and user that make them. */
export interface ConnectorOptions {
  /** The user's home folder, for ~/.ssh. */
  readonly home: string
  /** Who logs in where the inventory names nobody. */
  readonly user: string
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string
  /** For the TCP connection, and again for key exchange and login; milliseconds. */
  readonly connectTimeoutMs?: number
  /** Pauses before further attempts, milliseconds; as many retries as pauses. Logins are never retried. */
  readonly retryPausesMs?: readonly number[]
  /** Key exchanges at once. */
  readonly handshakes?: number
}

/** Connects to hosts; keys, known_hosts files and connections to jump hosts are shared by all of a run. */
export interface Connector {
  /**
   * A new connection; `once`: without retries, for callers that have their own.
   * @throws Failure `unreachable`, with the next step.
   */
  connect(connection: Connection, options?: { readonly once: boolean }): Promise<Transport>
  /** Ends the connections to jump hosts. */
  close(): void
}

/** Connects by the built-in SSH client. */
export function openConnector(options: ConnectorOptions): Connector {
  const timeoutMs = options.connectTimeoutMs ?? 10_000
  const pauses = options.retryPausesMs ?? [500, 1500]
  const context: LoginContext = {
    hostKeys: openHostKeys(options.home),
    identities: openIdentities(options.home, options.agentSocket, parseSshKey),
    handshake: limit(options.handshakes ?? 10),
    timeoutMs,
  }
  const hops = new Map<string, Promise<SshTransport>>()

  async function reach(endpoint: Endpoint, retries = pauses): Promise<SshTransport> {
    try {
      return await login(await stream(endpoint), endpoint, context)
    } catch (thrown) {
      if (thrown instanceof Failure) throw thrown
      const [pause, ...later] = retries
      if (pause === undefined || !mayPass(thrown)) throw inWords(endpoint.target, thrown)
      await sleep(pause)
      return reach(endpoint, later)
    }
  }

  async function stream(endpoint: Endpoint): Promise<Duplex> {
    const { address, port, jump } = endpoint.target
    if (jump.length === 0) return dial(address, port, timeoutMs)
    const hop = await lastHop(endpoint)
    try {
      return await hop.forward(address, port)
    } catch (cause) {
      throw new Failure(
        "unreachable",
        `the jump host ${jump.at(-1)} cannot reach ${address}:${port}`,
        {
          hint: "the address must be right as seen from there, and its sshd must allow TCP forwarding",
          cause,
        },
      )
    }
  }

  /** A connection to the last hop through those before it; one for all hosts behind it. */
  function lastHop(endpoint: Endpoint): Promise<SshTransport> {
    const hop = hopEndpoint(endpoint, options.user)
    const key = JSON.stringify(hop)
    const open = hops.get(key)
    if (open !== undefined) return open
    const started = reach(hop)
    hops.set(key, started)
    started.then(
      (transport) => transport.onClose(() => hops.delete(key)),
      () => hops.delete(key),
    )
    return started
  }

  return {
    async connect(connection, { once } = { once: false }) {
      const { address, port, jump, privateKeyFile, knownHostsFiles } = connection
      const user = connection.user ?? options.user
      const target: Target = { user, address, port, jump }
      const endpoint = { target, privateKeyFile, knownHostsFiles }
      const transport = await reach(endpoint, once ? [] : pauses)
      return connection.become && user !== "root" ? becomeRoot(transport, user) : transport
    },
    close() {
      for (const hop of hops.values()) {
        hop.then(
          (transport) => transport.close(),
          () => undefined,
        )
      }
      hops.clear()
    },
  }
}

/** Jump hosts may be known to the files that the inventory names, or to the user's own. */
function hopEndpoint(
  { target, privateKeyFile, knownHostsFiles }: Endpoint,
  user: string,
): Endpoint {
  const text = target.jump.at(-1) ?? ""
  const hop = parseHop(text)
  if (hop === undefined) {
    throw new Failure("unreachable", `cannot read the jump host ${JSON.stringify(text)}`, {
      hint: "-J takes [user@]host[:port], several with commas between them",
    })
  }
  return {
    target: { user, ...hop, jump: target.jump.slice(0, -1) },
    privateKeyFile,
    knownHostsFiles:
      knownHostsFiles === undefined ? undefined : [...knownHostsFiles, "~/.ssh/known_hosts"],
  }
}

const passing = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "EAI_AGAIN"])

/**
 * Whether a further attempt may fare better: nothing was refused, only nobody was there for a moment. Who said nothing all
 * the time was asked several times over already (a SYN goes out again after 1, 3 and 7 s, RFC 6298), and a host that is
 * down must not hold up the others for longer.
 */
function mayPass(thrown: unknown): boolean {
  if (thrown instanceof SshError) return thrown.trouble.kind !== "timeout"
  return thrown instanceof Error && "code" in thrown && passing.has(String(thrown.code))
}

function inWords(target: Target, thrown: unknown): Failure {
  if (thrown instanceof SshError) {
    return loginFailure(target, thrown.trouble, { keys: [], locked: [] })
  }
  return networkFailure(target, thrown instanceof Error ? thrown : new Error(String(thrown)))
}
