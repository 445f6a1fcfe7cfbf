import {
  formatGenlHeader,
  formatMessage,
  GENL_HEADER_LENGTH,
  type NetlinkMessage,
  parseMessages,
} from "netlink/dist/structs.js"
import { Failure } from "../../core/failure.ts"
import {
  type Acknowledgement,
  controller,
  decodeAcknowledgement,
  decodeFamilyAnswer,
  encodeFamilyQuestion,
  messageFlags,
  messageTypes,
} from "../protocol/generic-netlink.ts"
import { describeRefusal, errorWords } from "./errno.ts"
import * as libc from "./libc.ts"

/** include/linux/socket.h, include/uapi/linux/netlink.h, include/uapi/asm-generic/socket.h */
const constants = {
  AF_NETLINK: 16,
  SOCK_RAW_CLOEXEC: 3 | 0o2000000,
  NETLINK_GENERIC: 16,
  SOL_SOCKET: 1,
  SO_RCVBUFFORCE: 33,
  SOL_NETLINK: 270,
  NETLINK_CAP_ACK: 10,
  NETLINK_EXT_ACK: 11,
  MSG_DONTWAIT: 0x40,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
} as const

/** Dumps come in datagrams as large as the largest buffer that was read with, 32 KB at most (af_netlink.c). */
const receiveBytes = 65_536
/** Room for the error answers of a whole batch. */
const queueBytes = 1_048_576

/** A request of one family: its command and its attributes. */
export interface FamilyRequest {
  readonly command: number
  readonly attributes: Uint8Array
}

/**
 * One generic netlink family over one socket. The kernel runs a command inside the sender's sendto(2) and has queued every answer when
 * that returns; a dump goes on inside each recv(2) (net/netlink/af_netlink.c). So every call here is synchronous, needs neither event
 * loop nor thread, and waits for nothing. Throws Failure when an exchange breaks.
 */
export interface FamilySocket {
  /**
   * Sends all requests in one datagram; they run in order, and one that fails does not stop the next. One outcome for each; EINTR of
   * the last means that the kernel told none, as it does when a command was interrupted (netlink_rcv_skb).
   */
  batch(requests: readonly FamilyRequest[]): readonly Acknowledgement[]
  /** Asks for one object: the attributes of the answer. */
  get(request: FamilyRequest): Uint8Array
  /** Asks for a list; `take` gets the attributes of each object. Returns how many datagrams it took: one was a snapshot. */
  dump(request: FamilyRequest, take: (attributes: Uint8Array) => void): number
  close(): void
}

/**
 * Opens the family of this name in the network namespace of the process.
 * @returns undefined when the kernel has no such family (and could not load its module).
 */
export function openFamily(name: string, version: number): FamilySocket | undefined {
  const socket = new NetlinkSocket()
  try {
    const question = { command: controller.getFamily, attributes: encodeFamilyQuestion(name) }
    const answer = socket.ask(controller.family, controller.version, question)
    const id = answer instanceof Uint8Array ? decodeFamilyAnswer(answer) : undefined
    if (id !== undefined) return socket.family(id, version)
    if (!(answer instanceof Uint8Array) && answer.errno !== constants.ENOENT)
      throw new Failure("failed", `netlink family ${name}: ${describeRefusal(answer)}`)
  } catch (thrown) {
    socket.close()
    throw thrown
  }
  socket.close()
  return undefined
}

class NetlinkSocket {
  /** Overwritten by each datagram: what outlives one is copied. */
  readonly #buffer = Buffer.alloc(receiveBytes)
  #fd: number
  #sequence = 0

  constructor() {
    this.#fd = openSocket()
  }

  family(id: number, version: number): FamilySocket {
    return {
      batch: (requests) => this.#batch(id, version, requests),
      get: (request) => {
        const answer = this.ask(id, version, request)
        if (answer instanceof Uint8Array) return answer
        throw new Failure("failed", `netlink request refused: ${describeRefusal(answer)}`)
      },
      dump: (request, take) => this.#dump(id, version, request, take),
      close: () => this.close(),
    }
  }

  ask(family: number, version: number, request: FamilyRequest): Uint8Array | Acknowledgement {
    const sequence = this.#send(family, version, [request], messageFlags.ack)
    let answer: Uint8Array | undefined
    for (;;) {
      for (const message of this.#answers(sequence, sequence)) {
        if (message.type !== messageTypes.error)
          answer = Uint8Array.from(withoutFamilyHeader(message))
        else {
          const outcome = acknowledgementOf(message)
          return outcome.errno === 0 && answer !== undefined ? answer : outcome
        }
      }
    }
  }

  close(): void {
    if (this.#fd >= 0) libc.close(this.#fd)
    this.#fd = -1
  }

  #batch(
    family: number,
    version: number,
    requests: readonly FamilyRequest[],
  ): readonly Acknowledgement[] {
    const outcomes: Acknowledgement[] = requests.map(() => ({ errno: 0 }))
    if (requests.length === 0) return outcomes
    const last = this.#send(family, version, requests, messageFlags.ack)
    const first = last - requests.length + 1
    for (;;) {
      const messages = this.#receive(first, last)
      if (messages === undefined) return outcomes.with(-1, { errno: constants.EINTR })
      for (const message of messages) {
        if (message.type !== messageTypes.error) continue
        outcomes[message.seq - first] = acknowledgementOf(message)
        if (message.seq === last) return outcomes
      }
    }
  }

  #dump(
    family: number,
    version: number,
    request: FamilyRequest,
    take: (attributes: Uint8Array) => void,
  ): number {
    const sequence = this.#send(family, version, [request], messageFlags.dump)
    for (let datagrams = 1; ; datagrams++) {
      for (const message of this.#answers(sequence, sequence)) {
        if (message.type === messageTypes.done || message.type === messageTypes.error) {
          const errno = message.data.length < 4 ? 0 : message.data.readInt32LE(0)
          if (errno === 0) return datagrams
          throw this.#broken(`netlink dump refused: ${errorWords(errno)}`)
        }
        take(withoutFamilyHeader(message))
      }
    }
  }

  /** Sends the requests as one datagram, the given flags on the last; returns the last one's sequence number. */
  #send(
    family: number,
    version: number,
    requests: readonly FamilyRequest[],
    lastFlags: number,
  ): number {
    if (this.#fd < 0) this.#fd = openSocket()
    const parts = requests.flatMap(({ command, attributes }, index) =>
      formatMessage({
        type: family,
        flags: messageFlags.request | (index === requests.length - 1 ? lastFlags : 0),
        seq: ++this.#sequence,
        port: 0,
        data: [formatGenlHeader({ cmd: command, version }), attributes],
      }),
    )
    const sent = libc.sendto(this.#fd, Buffer.concat(parts), 0)
    if (sent < 0) throw this.#broken(`netlink request not sent: ${errorWords(sent)}`)
    return this.#sequence
  }

  #answers(first: number, last: number): readonly NetlinkMessage[] {
    const messages = this.#receive(first, last)
    if (messages === undefined) throw this.#broken("the kernel left a netlink request unanswered")
    return messages
  }

  /** The messages of one datagram that answer requests first to last; undefined when no more are there, and none will come. */
  #receive(first: number, last: number): readonly NetlinkMessage[] | undefined {
    const length = libc.recv(this.#fd, this.#buffer, constants.MSG_DONTWAIT)
    if (length === -constants.EAGAIN) return undefined
    if (length < 0)
      throw this.#broken(`the kernel's netlink answer was lost: ${errorWords(length)}`)
    return parseMessages(this.#buffer.subarray(0, length)).filter(
      ({ seq }) => seq >= first && seq <= last,
    )
  }

  /** Leaves the socket, on which answers may still be on their way; the next request opens another. */
  #broken(message: string): Failure {
    this.close()
    return new Failure("failed", message)
  }
}

function openSocket(): number {
  const fd = libc.socket(
    constants.AF_NETLINK,
    constants.SOCK_RAW_CLOEXEC,
    constants.NETLINK_GENERIC,
  )
  if (fd < 0) throw new Failure("failed", `no netlink socket: ${errorWords(fd)}`)
  libc.setIntOption(fd, constants.SOL_SOCKET, constants.SO_RCVBUFFORCE, queueBytes)
  libc.setIntOption(fd, constants.SOL_NETLINK, constants.NETLINK_CAP_ACK, 1)
  libc.setIntOption(fd, constants.SOL_NETLINK, constants.NETLINK_EXT_ACK, 1)
  return fd
}

function acknowledgementOf(message: NetlinkMessage): Acknowledgement {
  const outcome = decodeAcknowledgement(message.data, message.flags)
  if (outcome === undefined) throw new Failure("failed", "the kernel's netlink answer is cut short")
  return outcome
}

/** Attributes of a generic netlink message: what follows struct genlmsghdr. */
function withoutFamilyHeader(message: NetlinkMessage): Uint8Array {
  return message.data.subarray(GENL_HEADER_LENGTH)
}
