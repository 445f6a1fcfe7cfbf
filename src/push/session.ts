import type { Transport } from "./transport.ts"

/** The connections to one host over a run: one is kept open, and a new one can take its place. */
export interface Session {
  /** The open connection; made when there is none. */
  current(): Promise<Transport>
  /** A new connection, without retries; from now on the current one. The former stays open until `close`. */
  renew(): Promise<Transport>
  /** Forgets a connection that turned out to be dead; the one before it, if open, is current again. */
  drop(transport: Transport | undefined): void
  close(): void
}

/** How a session makes a connection; `once`: without retries. */
export type Open = (once: boolean) => Promise<Transport>

/** Nothing is opened before it is needed. */
export function openSession(open: Open): Session {
  const opened = new Set<Transport>()
  let latest: Transport | undefined
  let opening: Promise<Transport> | undefined

  async function connect(once: boolean): Promise<Transport> {
    const transport = await open(once)
    opened.add(transport)
    latest = transport
    return transport
  }

  return {
    async current() {
      if (latest !== undefined) return latest
      opening ??= connect(false).finally(() => (opening = undefined))
      return opening
    },
    renew: () => connect(true),
    drop(transport) {
      if (transport === undefined) return
      transport.close()
      opened.delete(transport)
      if (latest === transport) latest = [...opened].at(-1)
    },
    close() {
      for (const transport of opened) transport.close()
      opened.clear()
      latest = undefined
    },
  }
}
