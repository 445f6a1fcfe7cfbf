import { Socket } from "node:net"
import { Failure } from "../../core/failure.ts"
import { formatDuration } from "../../core/duration.ts"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"
import { addressFamily, socketAddress } from "./socket-address.ts"

/** include/linux/socket.h, include/linux/net.h, include/uapi/asm-generic/socket.h */
const constants = {
  SOCK_STREAM_CLOEXEC_NONBLOCK: 1 | 0o2000000 | 0o4000,
  SOCK_DGRAM_CLOEXEC_NONBLOCK: 2 | 0o2000000 | 0o4000,
  SOL_SOCKET: 1,
  SO_MARK: 36,
} as const

/** Where to connect, and how the packets are to look. */
export interface MarkedConnection {
  readonly address: string
  readonly port: number
  /** Firewall mark of every packet (SO_MARK; needs CAP_NET_ADMIN): what a fwmark service is chosen by. */
  readonly mark: number
  /** Address to come from; the kernel's choice when left out, which is `address` itself where this host holds it. */
  readonly source?: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Opens a TCP connection whose packets carry a firewall mark from the first on.
 * Rejects with Failure in a few words (`connection refused`, `timed out after 3s`); the socket is destroyed then.
 */
export async function connectMarked(options: MarkedConnection): Promise<Socket> {
  const socket = new Socket({ fd: openMarked(options, constants.SOCK_STREAM_CLOEXEC_NONBLOCK) })
  return new Promise((resolve, reject) => {
    const end = (error?: Failure) => {
      clearTimeout(timer)
      options.signal?.removeEventListener("abort", abort)
      socket.removeListener("error", refuse)
      if (error === undefined) return resolve(socket)
      socket.on("error", ignore)
      socket.destroy()
      reject(error)
    }
    const refuse = (error: NodeJS.ErrnoException) => end(failed(wordsOf(error)))
    const abort = () => end(failed("aborted"))
    const late = () => end(failed(`timed out after ${formatDuration(options.timeoutMs)}`))
    const timer = setTimeout(late, options.timeoutMs)
    socket.once("error", refuse)
    options.signal?.addEventListener("abort", abort)
    // Node connects a socket that has a descriptor on that descriptor, with the options already set on it.
    socket.connect({ host: options.address, port: options.port }, () => end())
    if (options.signal?.aborted === true) abort()
  })
}

/** A UDP socket whose datagrams carry a firewall mark: its descriptor, which the caller closes. Throws Failure. */
export function openMarkedDatagrams(
  options: Pick<MarkedConnection, "address" | "mark" | "source">,
): number {
  return openMarked(options, constants.SOCK_DGRAM_CLOEXEC_NONBLOCK)
}

function openMarked(
  { address, mark, source }: Pick<MarkedConnection, "address" | "mark" | "source">,
  type: number,
): number {
  const fd = libc.socket(addressFamily(address), type, 0)
  if (fd < 0) throw failed(`no socket: ${errorWords(fd)}`)
  const marked = libc.setIntOption(fd, constants.SOL_SOCKET, constants.SO_MARK, mark)
  const bound = marked < 0 || source === undefined ? 0 : libc.bind(fd, socketAddress(source))
  if (marked >= 0 && bound >= 0) return fd
  libc.close(fd)
  throw failed(
    marked < 0
      ? `cannot mark packets: ${errorWords(marked)}`
      : `cannot come from ${source}: ${errorWords(bound)}`,
  )
}

function wordsOf(error: NodeJS.ErrnoException): string {
  return error.errno === undefined ? error.message : errorWords(error.errno).replace(/^\w+: /, "")
}

function failed(message: string): Failure {
  return new Failure("failed", message)
}

/** A destroyed socket may still report the end of its connection. */
function ignore(): void {}
