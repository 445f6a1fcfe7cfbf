import { Failure } from "../../core/failure.ts"
import {
  type AddressRequest,
  decodeOutcomes,
  encodeAddressRequest,
} from "../protocol/route-address.ts"
import { describeRefusal, errorWords } from "./errno.ts"
import * as libc from "./libc.ts"

/** include/linux/socket.h, include/uapi/linux/netlink.h, include/uapi/asm-generic/errno.h */
const constants = {
  AF_NETLINK: 16,
  SOCK_RAW_CLOEXEC: 3 | 0o2000000,
  NETLINK_ROUTE: 0,
  SOL_NETLINK: 270,
  NETLINK_CAP_ACK: 10,
  NETLINK_EXT_ACK: 11,
  MSG_DONTWAIT: 0x40,
  EEXIST: 17,
  EADDRNOTAVAIL: 99,
} as const
/** So that the answers fit the socket's queue. */
const batchSize = 64
const receiveBytes = 32_768

/** What became of the addresses of one call. */
export interface AddressOutcome {
  /** Added or removed by this call. */
  readonly done: readonly string[]
  /** Were as wanted already: there before they were added, gone before they were removed. */
  readonly already: readonly string[]
  /** The kernel's words on each that it refused. */
  readonly refused: readonly string[]
}

/**
 * Adds single addresses (/32, /128) to an interface or removes them, in the network namespace of the process; the kernel has done so when
 * this returns (needs CAP_NET_ADMIN).
 * @throws Failure when there is no such interface, or netlink does not answer.
 */
export function changeAddresses(
  action: AddressRequest["action"],
  interfaceName: string,
  addresses: readonly string[],
): AddressOutcome {
  const interfaceIndex = libc.interfaceIndex(interfaceName)
  if (interfaceIndex < 0) throw failed(interfaceName, errorWords(interfaceIndex))
  const fd = libc.socket(constants.AF_NETLINK, constants.SOCK_RAW_CLOEXEC, constants.NETLINK_ROUTE)
  if (fd < 0) throw failed(interfaceName, errorWords(fd))
  libc.setIntOption(fd, constants.SOL_NETLINK, constants.NETLINK_CAP_ACK, 1)
  libc.setIntOption(fd, constants.SOL_NETLINK, constants.NETLINK_EXT_ACK, 1)
  const outcome = { done: [] as string[], already: [] as string[], refused: [] as string[] }
  try {
    for (let at = 0; at < addresses.length; at += batchSize) {
      const batch = addresses.slice(at, at + batchSize)
      const answers = exchange(fd, interfaceName, { action, interfaceIndex }, batch)
      batch.forEach((address, index) => {
        const answer = answers.get(index + 1)
        if (answer?.errno === 0) outcome.done.push(address)
        else if (answer !== undefined && isSettled(answer.errno)) outcome.already.push(address)
        else
          outcome.refused.push(
            `${address}: ${answer === undefined ? "no answer" : describeRefusal(answer)}`,
          )
      })
    }
  } finally {
    libc.close(fd)
  }
  return outcome
}

/** The kernel works inside sendto(2): every answer is queued when it returns (net/netlink/af_netlink.c). */
function exchange(
  fd: number,
  interfaceName: string,
  request: Omit<AddressRequest, "address">,
  addresses: readonly string[],
): ReadonlyMap<number, { readonly errno: number; readonly text?: string }> {
  const messages = addresses.map((address, index) =>
    encodeAddressRequest({ ...request, address }, index + 1),
  )
  const sent = libc.sendto(fd, Buffer.concat(messages), 0)
  if (sent < 0) throw failed(interfaceName, errorWords(sent))
  const answers = new Map<number, { errno: number; text?: string }>()
  const buffer = new Uint8Array(receiveBytes)
  while (answers.size < addresses.length) {
    const length = libc.recv(fd, buffer, constants.MSG_DONTWAIT)
    if (length < 0) break
    for (const { sequence, ...outcome } of decodeOutcomes(buffer.subarray(0, length)))
      answers.set(sequence, outcome)
  }
  return answers
}

function isSettled(errno: number): boolean {
  return errno === constants.EEXIST || errno === constants.EADDRNOTAVAIL
}

function failed(interfaceName: string, words: string): Failure {
  return new Failure("failed", `addresses of ${interfaceName} cannot be changed: ${words}`)
}
