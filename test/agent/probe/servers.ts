import { createSocket } from "node:dgram"
import { createServer } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import type { Outcome } from "../../../src/agent/decide/health.ts"
import { probe } from "../../../src/agent/probe/probe.ts"
import type { HealthCheck } from "../../../src/model/check.ts"

/** What every check of these tests has. */
export const rhythm = {
  intervalMs: 1000,
  timeoutMs: 400,
  retries: 0,
  delayBeforeRetryMs: 100,
  rise: 1,
  via: "address",
} as const

type Closing = { close(): unknown }

/** Servers of one test file, each on a port of its own. */
export class Servers {
  readonly #open: Closing[] = []
  readonly #sockets = new Set<Socket>()

  /** Listens on 127.0.0.1 and returns the port. */
  async listen(server: Server): Promise<number> {
    this.#open.push(server)
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on("error", () => undefined)
      socket.on("close", () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return (server.address() as AddressInfo).port
  }

  /** A TCP server that treats each connection so. */
  tcp(treat: (socket: Socket) => void): Promise<number> {
    return this.listen(createServer({ allowHalfOpen: true }, treat))
  }

  /** Something else to close at the end. */
  keep(server: Closing): void {
    this.#open.push(server)
  }

  close(): void {
    for (const server of this.#open) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Puts a check's question to a port of 127.0.0.1. */
export function ask(check: HealthCheck, port: number, more: object = {}): Promise<Outcome> {
  return probe({ key: "k", check, address: "127.0.0.1", port, vip: "192.0.2.10", ...more })
}

/** A UDP server on 127.0.0.1 that answers with what `treat` makes of a datagram, or not at all; returns its port. */
export async function datagrams(
  servers: Servers,
  treat: (message: Buffer) => readonly Uint8Array[],
): Promise<number> {
  const socket = createSocket("udp4")
  servers.keep(socket)
  socket.on("message", (message, { port, address }) => {
    for (const answer of treat(message)) socket.send(answer, port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve))
  return socket.address().port
}

/** A UDP port of 127.0.0.1 that nobody listens on. */
export async function closedPort(): Promise<number> {
  const socket = createSocket("udp4")
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}
