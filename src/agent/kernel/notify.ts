import * as libc from "./libc.ts"

/** include/linux/socket.h, include/linux/net.h */
const constants = { AF_UNIX: 1, SOCK_DGRAM_CLOEXEC: 2 | 0o2000000, MSG_DONTWAIT: 0x40 } as const

const lines = {
  ready: "READY=1",
  reloading: "RELOADING=1",
  stopping: "STOPPING=1",
  watchdog: "WATCHDOG=1",
} as const

/** A state that a service manager is told of (sd_notify(3)). */
export type ServiceState = keyof typeof lines

/**
 * Tells systemd the state of this service, and a line for `systemctl status`. Does nothing where NOTIFY_SOCKET is not set, and nothing
 * ever fails: the manager's own timeouts say when it was not heard.
 */
export function notify(state: ServiceState, status?: string): void {
  const path = process.env["NOTIFY_SOCKET"]
  if (path === undefined || path === "") return
  const fd = libc.socket(constants.AF_UNIX, constants.SOCK_DGRAM_CLOEXEC, 0)
  if (fd < 0) return
  libc.sendto(
    fd,
    new TextEncoder().encode(message(state, status)),
    constants.MSG_DONTWAIT,
    unixAddress(path),
  )
  libc.close(fd)
}

/** How often the manager wants to hear `watchdog`: half of WATCHDOG_USEC, as sd_watchdog_enabled(3) advises; undefined: never. */
export function watchdogIntervalMs(): number | undefined {
  const pid = process.env["WATCHDOG_PID"]
  const microseconds = Number(process.env["WATCHDOG_USEC"])
  if (pid !== undefined && Number(pid) !== process.pid) return undefined
  return microseconds > 0 ? Math.floor(microseconds / 2000) : undefined
}

function message(state: ServiceState, status: string | undefined): string {
  const monotonic = `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`
  return [
    lines[state],
    ...(state === "reloading" ? [monotonic] : []),
    ...(status === undefined ? [] : [`STATUS=${status.replaceAll("\n", " ")}`]),
  ].join("\n")
}

/** struct sockaddr_un; `@` at the start stands for the NUL of an abstract name (unix(7)). */
function unixAddress(path: string): Uint8Array {
  const name = new TextEncoder().encode(path.replace(/^@/, "\0"))
  const bytes = new Uint8Array(2 + name.length + (name[0] === 0 ? 0 : 1))
  new DataView(bytes.buffer).setUint16(0, constants.AF_UNIX, true)
  bytes.set(name, 2)
  return bytes
}
