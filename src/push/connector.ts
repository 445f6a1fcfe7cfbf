import type { Connection } from "../model/fleet.ts"
import type { BecomeContext } from "./become.ts"
import { becomeRoot } from "./become.ts"
import { openBuiltinClient } from "./builtin-client.ts"
import { transportOver } from "./command.ts"
import { openHostKeys } from "./host-keys.ts"
import { openIdentities } from "./identities.ts"
import type { Prompter } from "./prompter.ts"
import { inTurn } from "./prompter.ts"
import { openReach } from "./reach.ts"
import { parseSshKey } from "./ssh.ts"
import { openProgramClient } from "./ssh-program.ts"
import type { Target } from "./target.ts"
import { targetName } from "./target.ts"
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
  /** Asks for passphrases and codes; left out where there is no terminal. */
  readonly prompter?: Prompter
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

/** Connects by the client that each host's connection names. */
export function openConnector(options: ConnectorOptions): Connector {
  const { home, user, agentSocket, connectTimeoutMs: timeoutMs = 10_000 } = options
  const pauses = options.retryPausesMs ?? [500, 1500]
  const prompter = options.prompter === undefined ? undefined : inTurn(options.prompter)
  const reach = {
    builtin: openReach(
      openBuiltinClient({
        hostKeys: openHostKeys(home),
        identities: openIdentities({ home, agentSocket, parse: parseSshKey, prompter }),
        timeoutMs,
        prompter,
      }),
      user,
    ),
    ssh: openReach(openProgramClient({ timeoutMs, prompter }), user),
  }
  const refusedBy = new Map<string, BecomeContext["refused"]>()

  function refusedAt(target: Target): BecomeContext["refused"] {
    const known = refusedBy.get(targetName(target)) ?? {}
    refusedBy.set(targetName(target), known)
    return known
  }

  return {
    async connect(connection, { once } = { once: false }) {
      const target: Target = { ...connection, user: connection.user ?? user }
      const link = await reach[target.transport].open(target, once ? [] : pauses)
      const { become } = target
      if (become === undefined || target.user === "root") return transportOver(link)
      const context = { user: target.user, become, refused: refusedAt(target) }
      return transportOver(becomeRoot(link, context))
    },
    close() {
      reach.builtin.close()
      reach.ssh.close()
    },
  }
}
