import { connect } from "node:net"
import type { Socket } from "node:net"
import { Failure } from "../../core/failure.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { connectMarked } from "../kernel/marked-socket.ts"

/** Words for what a connection can die of; other codes speak for themselves. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "timed out",
  EADDRNOTAVAIL: "source address not available",
}

/** An error of a connection in words an operator reads. */
export function connectionWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return ("code" in error ? words[String(error.code)] : undefined) ?? error.message
}

/** A TCP connection to a target: marked through its private service, or straight to the server's address. Rejects with Failure. */
export function connectTarget(target: CheckTarget, timeoutMs: number): Promise<Socket> {
  const { address, port, mark, source } = target
  const from = source === undefined ? {} : { source }
  return mark === undefined
    ? connectPlain(target, timeoutMs)
    : connectMarked({ address, port, mark, timeoutMs, ...from })
}

function connectPlain(target: CheckTarget, timeoutMs: number): Promise<Socket> {
  const { address: host, port, source } = target
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(source === undefined ? {} : { localAddress: source }),
    })
    const fail = (message: string): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new Failure("failed", message))
    }
    const timer = setTimeout(() => fail(`timed out after ${timeoutMs / 1000}s`), timeoutMs)
    socket.once("error", (error) => fail(connectionWords(error)))
    socket.once("connect", () => {
      clearTimeout(timer)
      socket.removeAllListeners("error")
      resolve(socket)
    })
  })
}
