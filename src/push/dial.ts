import { connect as connectTcp } from "node:net"
import type { Socket } from "node:net"

/** Opens a TCP connection without delays for small packets; rejects with the system's error, or ETIMEDOUT. */
export function dial(address: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: address, port, noDelay: true })
    const timer = setTimeout(() => {
      const late = new Error("connection timed out") as NodeJS.ErrnoException
      late.code = "ETIMEDOUT"
      socket.destroy(late)
    }, timeoutMs)
    socket.once("error", (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once("connect", () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}
