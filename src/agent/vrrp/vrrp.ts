import { setTimeout as sleep } from "node:timers/promises"
import { toFailure } from "../../core/failure.ts"
import { localAddresses } from "../kernel/addresses.ts"
import { announceAddresses } from "../kernel/announce.ts"
import { changeAddresses } from "../kernel/interface-addresses.ts"
import { pollReadable } from "../kernel/libc.ts"
import { runInRealTime } from "../kernel/realtime.ts"
import { openVrrpSocket } from "../kernel/vrrp-socket.ts"
import { log } from "../log.ts"
import type { Message } from "../messages.ts"
import { isMessage, tellParent } from "../messages.ts"
import { ownPaths } from "../paths.ts"
import { openVrrpMemory } from "../store/vrrp-memory.ts"
import { VrrpDriver } from "./vrrp-driver.ts"

/** Above all that has no real-time priority; keepalived raises its own as far as 20 (vrrp max_auto_priority as lbctl renders it). */
const realTimePriority = 10
/** New orders may name a socket that the present waiting does not know. */
const longestWaitMs = 200
const pauseAfterFaultMs = 100

/** The VRRP process: speaks VRRP for the instances that the engine names, and holds their addresses. Lives and dies with the watchdog. */
export async function runVrrp(): Promise<void> {
  const driver = new VrrpDriver({
    open: openVrrpSocket,
    announce: announceAddresses,
    held: localAddresses,
    change: changeAddresses,
    memory: openVrrpMemory(ownPaths().vrrpMemory),
    clock: () => Number(process.hrtime.bigint() / 1000n) / 1000,
    now: () => Date.now(),
    log,
    report: (reports, warnings) => tellParent({ type: "router-states", reports, warnings }),
  })
  let ended = false
  const end = (): void => {
    if (!ended) driver.stop()
    ended = true
    process.exit(0)
  }
  process.on("disconnect", end)
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end)
  process.on("message", (value) => {
    if (isMessage(value)) answer(value, driver)
  })
  await pollReadable([], 0)
  const refused = runInRealTime(realTimePriority)
  if (refused !== undefined) log(`vrrp runs without real-time priority: ${refused}`)
  for (;;) await turn(driver)
}

/** One turn of its life; what goes wrong in it is tried again in the next. */
async function turn(driver: VrrpDriver): Promise<void> {
  let waitMs: number
  try {
    waitMs = driver.wake()
  } catch (thrown) {
    log(toFailure(thrown).message)
    await sleep(pauseAfterFaultMs)
    return
  }
  await pollReadable(driver.fds, Math.min(waitMs, longestWaitMs))
}

function answer(message: Message, driver: VrrpDriver): void {
  switch (message.type) {
    case "hello":
      return tellParent(message)
    case "routers":
      return driver.configure(message.orders)
    case "ready":
    case "targets":
    case "lateness":
    case "health":
    case "health-started":
    case "processes":
    case "router-states":
    case "vrrp-started":
      return
    default:
      return message satisfies never
  }
}
