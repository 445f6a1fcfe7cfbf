import { setTimeout as sleep } from "node:timers/promises"

import type { Connection } from "../model/fleet.ts"
import { limit } from "./limit.ts"
import type { Limit } from "./limit.ts"
import type { HopLink, SshClient } from "./ssh-client.ts"
import { NotThere } from "./ssh-client.ts"
import type { Target } from "./target.ts"

/** Connections of a run by one client; those to jump hosts are shared. */
export interface Reach {
  /** `pauses`: milliseconds before further attempts, as many as may be. */
  open(target: Target, pauses: readonly number[]): Promise<HopLink>
  close(): void
}

/** What sshd takes at once of logins that are not through, before it begins to drop some (sshd_config(5), MaxStartups). */
const loginsPerServer = 10

/** Reaches hosts, through jump hosts where need be; only what asked nobody for anything is tried again. */
export function openReach<L extends HopLink>(client: SshClient<L>, user: string): Reach {
  const hops = new Map<string, Promise<L>>()
  const servers = new Map<string, Limit>()

  async function open(target: Target, pauses: readonly number[]): Promise<L> {
    const via = target.via === undefined ? undefined : await hop({ user, ...target.via }, pauses)
    try {
      return await admission(target)(() => client.login(target, via))
    } catch (thrown) {
      if (!(thrown instanceof NotThere)) throw thrown
      const [pause, ...later] = pauses
      if (pause === undefined) throw thrown.failure
      await sleep(pause)
      return open(target, later)
    }
  }

  /** One connection for all hosts behind it. */
  function hop(target: Target, pauses: readonly number[]): Promise<L> {
    const key = JSON.stringify(target)
    const known = hops.get(key)
    if (known !== undefined) return known
    const started = open(target, pauses)
    hops.set(key, started)
    started.then(
      (link) => link.onClose(() => hops.delete(key)),
      () => hops.delete(key),
    )
    return started
  }

  function admission(target: Target): Limit {
    const server = serverOf(target)
    const known = servers.get(server) ?? limit(loginsPerServer)
    servers.set(server, known)
    return known
  }

  return {
    open,
    close() {
      for (const started of hops.values()) {
        started.then(
          (link) => link.close(),
          () => undefined,
        )
      }
      hops.clear()
      client.close()
    },
  }
}

/** The machine that all logins to the target go to or through; where a command leads is not known, so all commands count as one. */
function serverOf({ address, via, proxyCommand }: Connection): string {
  if (via !== undefined) return serverOf(via)
  return proxyCommand === undefined ? address : "ProxyCommand"
}
