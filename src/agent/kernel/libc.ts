import koffi from "koffi"

/**
 * The few calls of the C library that Node has no words for. Every function returns what the call returns, or the negated errno:
 * nothing throws, and no errno is lost between the call and its reading. Blocking calls block the event loop.
 */
const library = koffi.load(null)

/** include/uapi/linux/filter.h */
koffi.struct("sock_fprog", { len: "uint16_t", filter: "const void *" })

const calls = {
  socket: library.func("int socket(int domain, int type, int protocol)"),
  bind: library.func("int bind(int fd, const void *address, uint32_t length)"),
  sendto: library.func(
    "int64_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)",
  ),
  recv: library.func("int64_t recv(int fd, _Out_ void *data, size_t length, int flags)"),
  setsockopt: library.func(
    "int setsockopt(int fd, int level, int name, const void *value, uint32_t length)",
  ),
  getsockname: library.func(
    "int getsockname(int fd, _Out_ void *address, _Inout_ uint32_t *length)",
  ),
  attachFilter: library.func(
    "int setsockopt(int fd, int level, int name, const sock_fprog *value, uint32_t length)",
  ),
  close: library.func("int close(int fd)"),
  interfaceIndex: library.func("unsigned int if_nametoindex(const char *name)"),
  poll: library.func("int poll(const void *fds, unsigned long count, int timeoutMs)"),
  setScheduler: library.func("int sched_setscheduler(int pid, int policy, const void *param)"),
} as const

/** socket(2) */
export function socket(domain: number, type: number, protocol: number): number {
  return outcome(calls.socket(domain, type, protocol))
}

/** bind(2); `address` is a struct sockaddr_*. */
export function bind(fd: number, address: Uint8Array): number {
  return outcome(calls.bind(fd, address, address.length))
}

/** sendto(2), or send(2) without an address. */
export function sendto(
  fd: number,
  data: Uint8Array,
  flags: number,
  address?: Uint8Array | null,
): number {
  return outcome(calls.sendto(fd, data, data.length, flags, address ?? null, address?.length ?? 0))
}

/** recv(2) into the buffer. */
export function recv(fd: number, into: Uint8Array, flags: number): number {
  return outcome(calls.recv(fd, into, into.length, flags))
}

/** setsockopt(2) */
export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  return outcome(calls.setsockopt(fd, level, name, value, value.length))
}

/** setsockopt(2) of an int. */
export function setIntOption(fd: number, level: number, name: number, value: number): number {
  return setsockopt(fd, level, name, new Uint8Array(Int32Array.of(value).buffer))
}

/** setsockopt(2) SO_ATTACH_FILTER: a program of struct sock_filter, 8 bytes each. */
export function attachFilter(fd: number, program: Uint8Array): number {
  const [solSocket, soAttachFilter] = [1, 26]
  const value = { len: program.length / 8, filter: program }
  return outcome(
    calls.attachFilter(fd, solSocket, soAttachFilter, value, koffi.sizeof("sock_fprog")),
  )
}

/** getsockname(2) into the buffer; returns the address's length. */
export function getsockname(fd: number, into: Uint8Array): number {
  const length = [into.length]
  const result = outcome(calls.getsockname(fd, into, length))
  return result < 0 ? result : (length[0] ?? 0)
}

/** close(2) */
export function close(fd: number): number {
  return outcome(calls.close(fd))
}

/** if_nametoindex(3); -ENODEV when no such interface is in this network namespace. */
export function interfaceIndex(name: string): number {
  const index = Number(calls.interfaceIndex(name))
  return index > 0 ? index : -koffi.errno()
}

/**
 * poll(2) for something to read, in a thread of its own, at most so many milliseconds. What is there to read is for the caller to see:
 * every outcome is a reason to look.
 */
export async function pollReadable(fds: readonly number[], timeoutMs: number): Promise<void> {
  const [pollfdLength, pollin] = [8, 1]
  const list = new Uint8Array(Math.max(1, fds.length) * pollfdLength)
  const view = new DataView(list.buffer)
  fds.forEach((fd, index) => {
    view.setInt32(index * pollfdLength, fd, true)
    view.setInt16(index * pollfdLength + 4, pollin, true)
  })
  await new Promise<void>((resolve) =>
    calls.poll.async(list, fds.length, Math.max(0, Math.ceil(timeoutMs)), () => resolve()),
  )
}

/** sched_setscheduler(2) of one thread; `priority` is that of struct sched_param. */
export function setScheduler(thread: number, policy: number, priority: number): number {
  return outcome(calls.setScheduler(thread, policy, new Uint8Array(Int32Array.of(priority).buffer)))
}

function outcome(result: unknown): number {
  const value = Number(result)
  return value < 0 ? -koffi.errno() : value
}
