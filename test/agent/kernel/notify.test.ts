import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import * as libc from "../../../src/agent/kernel/libc.ts"
import { notify, watchdogIntervalMs } from "../../../src/agent/kernel/notify.ts"

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = 0x40
const EAGAIN = 11

/** A service manager: a datagram socket at a name, and what it heard. */
function manager(name: string) {
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0)
  const path = Buffer.from(name.replace("@", "\0"))
  expect(libc.bind(fd, Buffer.concat([Uint8Array.of(AF_UNIX, 0), path]))).toBe(0)
  return {
    heard: () => {
      const buffer = Buffer.alloc(256)
      const length = libc.recv(fd, buffer, MSG_DONTWAIT)
      return length === -EAGAIN ? undefined : buffer.toString("utf8", 0, length)
    },
    close: () => libc.close(fd),
  }
}

describe("notify()", () => {
  const folder = mkdtempSync(join(tmpdir(), "notify-"))
  const names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

  afterEach(() => {
    for (const name of names) delete process.env[name]
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ["a path", join(folder, "socket")],
    ["an abstract name", `@lbagent-test-${process.pid}`],
  ])("tells the manager at %s", (_, name) => {
    const systemd = manager(name)
    process.env["NOTIFY_SOCKET"] = name
    notify("ready", "2 services\nand more")
    expect(systemd.heard()).toBe("READY=1\nSTATUS=2 services and more")
    notify("reloading")
    expect(systemd.heard()).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/)
    notify("watchdog")
    expect(systemd.heard()).toBe("WATCHDOG=1")
    expect(systemd.heard()).toBeUndefined()
    systemd.close()
  })

  it("does nothing without a manager, or with one that is gone", () => {
    notify("stopping")
    process.env["NOTIFY_SOCKET"] = join(folder, "gone")
    notify("stopping")
  })

  it("knows how often the manager wants to hear of it", () => {
    expect(watchdogIntervalMs()).toBeUndefined()
    process.env["WATCHDOG_USEC"] = "30000000"
    expect(watchdogIntervalMs()).toBe(15_000)
    process.env["WATCHDOG_PID"] = String(process.pid + 1)
    expect(watchdogIntervalMs()).toBeUndefined()
  })
})
