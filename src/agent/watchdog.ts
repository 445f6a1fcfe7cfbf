import { assertNever } from "../core/result.ts"
import type { ChildEdges } from "./child.ts"
import { forkSelf, WatchedChild } from "./child.ts"
import { notify, watchdogIntervalMs } from "./kernel/notify.ts"
import { log } from "./log.ts"
import type { Message, Role } from "./messages.ts"
import { roles } from "./messages.ts"
import { ownPaths } from "./paths.ts"
import { remembersRouters } from "./store/vrrp-memory.ts"
import { version } from "./version.ts"

/** A VRRP process that hangs holds addresses that its peer takes over after some adverts: it is found out sooner than the others. */
const helloMs = { engine: 5000, health: 5000, vrrp: 1000 } as const satisfies Record<Role, number>
/** Real servers and peers have their say; then systemd would lose patience. */
const farewellMs = 3000

/**
 * The parent of the others: starts them, asks them every few seconds whether they are there, starts them again, and passes on what they
 * say to each other. Its end ends them: the VRRP process gives its addresses to the peer, the IPVS table stays as it is.
 */
export function runWatchdog(): void {
  log(`lbagent ${version}`)
  const children: Record<Role, WatchedChild> = {
    engine: new WatchedChild("engine", edges()),
    health: new WatchedChild("health", edges()),
    vrrp: new WatchedChild("vrrp", edges()),
  }
  function edges(): ChildEdges {
    return {
      start: forkSelf,
      now: () => performance.now(),
      log,
      heard: (message) => passOn(message, children),
      started: (role) => {
        if (role !== "engine") children.engine.tell({ type: `${role}-started` })
        tellProcesses(children)
      },
    }
  }
  if (remembersRouters(ownPaths().vrrpMemory)) children.vrrp.start()
  children.engine.start()
  for (const role of roles) setInterval(() => children[role].hello(), helloMs[role])
  const petMs = watchdogIntervalMs()
  if (petMs !== undefined) setInterval(() => notify("watchdog"), petMs)
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      notify("stopping")
      setTimeout(() => process.exit(0), farewellMs)
      void Promise.all(roles.map((role) => children[role].stop())).then(() => process.exit(0))
    })
}

function tellProcesses(children: Readonly<Record<Role, WatchedChild>>): void {
  const processes = Object.values(children).flatMap(({ account }) => account ?? [])
  children.engine.tell({ type: "processes", processes })
}

function passOn(message: Message, children: Readonly<Record<Role, WatchedChild>>): void {
  switch (message.type) {
    case "targets":
      return tellOrStart(children.health, message, message.targets.length > 0)
    case "health":
    case "router-states":
    case "lateness":
      return children.engine.tell(message)
    case "routers":
      return tellOrStart(children.vrrp, message, message.orders.length > 0)
    case "ready":
      return notify("ready", message.status)
    case "hello":
    case "health-started":
    case "processes":
    case "vrrp-started":
      return
    default:
      return assertNever(message)
  }
}

/** A child without work is not started; one that starts is told its work by the engine, which hears of the start. */
function tellOrStart(child: WatchedChild, message: Message, hasWork: boolean): void {
  if (child.isStarted) child.tell(message)
  else if (hasWork) child.start()
}
