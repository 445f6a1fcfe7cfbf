import { assertNever } from "../core/result.ts"
import type { ChildEdges } from "./child.ts"
import { forkSelf, WatchedChild } from "./child.ts"
import { notify, watchdogIntervalMs } from "./kernel/notify.ts"
import { log } from "./log.ts"
import type { Message, Role } from "./messages.ts"
import { version } from "./version.ts"

const helloMs = 5000

/**
 * The parent of engine and health: starts them, asks them every five seconds whether they are there, starts them again,
 * and passes on what they say to each other. Its end ends them, and leaves the kernel as it is.
 */
export function runWatchdog(): void {
  log(`lbagent ${version}`)
  const children: Record<Role, WatchedChild> = {
    engine: new WatchedChild("engine", edges()),
    health: new WatchedChild("health", edges()),
  }
  function edges(): ChildEdges {
    return {
      start: forkSelf,
      now: () => performance.now(),
      log,
      heard: (message) => passOn(message, children),
      started: (role) => {
        if (role === "health") children.engine.tell({ type: "health-started" })
        tellProcesses(children)
      },
    }
  }
  children.engine.start()
  children.health.start()
  setInterval(() => {
    children.engine.hello()
    children.health.hello()
  }, helloMs)
  const petMs = watchdogIntervalMs()
  if (petMs !== undefined) setInterval(() => notify("watchdog"), petMs)
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      notify("stopping")
      children.engine.stop()
      children.health.stop()
      process.exit(0)
    })
}

function tellProcesses(children: Readonly<Record<Role, WatchedChild>>): void {
  const processes = Object.values(children).flatMap(({ account }) => account ?? [])
  children.engine.tell({ type: "processes", processes })
}

function passOn(message: Message, children: Readonly<Record<Role, WatchedChild>>): void {
  switch (message.type) {
    case "targets":
      return children.health.tell(message)
    case "health":
      return children.engine.tell(message)
    case "ready":
      return notify("ready", message.status)
    case "hello":
    case "health-started":
    case "processes":
      return
    default:
      return assertNever(message)
  }
}
