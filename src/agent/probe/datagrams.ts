import { createSocket } from "node:dgram"
import type { Socket } from "node:dgram"
import { family } from "../../core/address.ts"
import { Failure } from "../../core/failure.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { close } from "../kernel/libc.ts"
import { openMarkedDatagrams } from "../kernel/marked-socket.ts"
import type { Deadline } from "./deadline.ts"
import { errorText } from "./words.ts"

/**
 * Sends one datagram to a target, marked through its private service or straight to the server's address, and waits for
 * what `judge` takes for the answer; others are passed over, since anybody can send some.
 * Undefined when none came in time. Rejects with Failure when the server refuses (ICMP unreachable).
 */
export async function exchangeDatagram<T>(
  target: CheckTarget,
  message: Uint8Array,
  deadline: Deadline,
  judge: (answer: Uint8Array) => T | undefined,
): Promise<T | undefined> {
  const socket = createSocket(family(target.address) === 6 ? "udp6" : "udp4")
  try {
    return await new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(new Failure("failed", refusalText(error)))
      const timer = setTimeout(() => resolve(undefined), deadline.leftMs)
      socket.once("close", () => clearTimeout(timer))
      // Only the first settles the promise; one that comes behind must not end the process.
      socket.on("error", fail)
      socket.on("message", (answer) => {
        const verdict = judge(answer)
        if (verdict !== undefined) resolve(verdict)
      })
      bind(socket, target, () =>
        socket.connect(target.port, target.address, () =>
          socket.send(message, (error) => error && fail(error)),
        ),
      )
    })
  } finally {
    socket.close()
  }
}

function bind(socket: Socket, { address, mark, source }: CheckTarget, done: () => void): void {
  if (mark === undefined) {
    socket.bind(source === undefined ? {} : { address: source }, done)
    return
  }
  const fd = openMarkedDatagrams({ address, mark, ...(source === undefined ? {} : { source }) })
  try {
    socket.bind({ fd }, done)
  } catch (error) {
    close(fd)
    throw error
  }
}

function refusalText(error: unknown): string {
  const refused = error instanceof Error && "code" in error && error.code === "ECONNREFUSED"
  if (error instanceof Failure) return error.message
  return refused ? "port unreachable" : errorText(error)
}
