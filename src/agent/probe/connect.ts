import { connect } from "node:net"
import type { Socket } from "node:net"
import { Failure } from "../../core/failure.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { connectMarked } from "../kernel/marked-socket.ts"
import type { Deadline } from "./deadline.ts"
import { errorText } from "./words.ts"

/** A TCP connection to a target: marked through its private service, or straight to the server's address. Rejects with Failure. */
export async function connectTarget(target: CheckTarget, deadline: Deadline): Promise<Socket> {
  const { address, port, mark, source } = target
  const from = source === undefined ? {} : { source }
  const socket = await (mark === undefined
    ? connectPlain(target, deadline)
    : connectMarked({ address, port, mark, timeoutMs: deadline.leftMs, ...from }))
  // It may be reset between two steps of a check, while nobody listens: that must not end the process.
  return socket.on("error", () => undefined)
}

function connectPlain(target: CheckTarget, deadline: Deadline): Promise<Socket> {
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
    const timer = setTimeout(() => fail(deadline.noConnection), deadline.leftMs)
    socket.once("error", (error) => fail(errorText(error)))
    socket.once("connect", () => {
      clearTimeout(timer)
      socket.removeAllListeners("error")
      resolve(socket)
    })
  })
}
