import { hostname } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { toFailure } from "../core/failure.ts"
import { formatProblem } from "../core/problem.ts"
import { plural } from "../core/text.ts"
import type { StateChange } from "../model/state-change.ts"
import { agentStatus, serveApi, type ApiSubject } from "./api/api.ts"
import { Director } from "./director/director.ts"
import { Follower } from "./vrrp/follower.ts"
import { keepalivedRuns } from "./vrrp/keepalived.ts"
import { localAddresses } from "./kernel/addresses.ts"
import { openIpvs } from "./kernel/ipvs.ts"
import { markTables } from "./kernel/mark-tables.ts"
import { lateKernel } from "./director/late-kernel.ts"
import { log } from "./log.ts"
import type { Message } from "./messages.ts"
import { MetricsListener } from "./api/metrics-listener.ts"
import { metricsText } from "./api/metrics.ts"
import { isMessage, tellParent } from "./messages.ts"
import { Notifier } from "./notify/notifier.ts"
import { ownPaths } from "./paths.ts"
import { ProcessBook } from "./process-book.ts"
import { StateLog } from "./director/state-log.ts"
import { openStore } from "./store/store.ts"

const tickMs = 1000
/** It is ready then all the same: systemd waits 30 s (TimeoutStartSec), and a check without an answer is no reason to stay dark. */
const mostBlindMs = 15_000

/** The engine process: adopts the kernel's table, keeps it, and answers on the socket. Lives and dies with the watchdog. */
export async function runEngine(): Promise<void> {
  const paths = ownPaths()
  const store = openStore(paths, log)
  const kernel = lateKernel(openIpvs)
  const notifier = new Notifier({ host: hostname(), now: () => performance.now(), log })
  const changes = new StateLog((change) => notifier.note(change, director.desired?.notifications))
  const note = (change: StateChange) => changes.note(change)
  const processes = new ProcessBook(note)
  const shared = { kernel, store, addresses: localAddresses, now: () => Date.now(), log, note }
  const director = new Director({
    ...shared,
    marks: markTables,
    sendTargets: (targets) => tellParent({ type: "targets", targets }),
  })
  const follower = new Follower({
    ...shared,
    overrides: () => director.overrides,
    keepalivedRuns: () => keepalivedRuns(paths.keepalivedPids),
    sendOrders: (orders) => tellParent({ type: "routers", orders }),
  })
  process.on("disconnect", () => process.exit(0))
  process.on("message", (value) => {
    if (isMessage(value)) answer(value, { director, follower, processes })
  })
  for (const problem of director.reload().problems) log(formatProblem(problem))
  guarded(() => follower.poll(director.desired))
  const subject: ApiSubject = {
    director,
    follower,
    changes,
    processes,
    notifier,
    listener: new MetricsListener(() => metricsText(agentStatus(subject)), log),
  }
  const { listener } = subject
  guarded(() => listener.follow(director.desired?.metrics?.listen))
  await serveApi(paths, subject)
  setInterval(() => {
    guarded(() => director.tick())
    guarded(() => follower.poll(director.desired))
    guarded(() => listener.follow(director.desired?.metrics?.listen))
    guarded(() => notifier.tick(director.desired?.notifications))
  }, tickMs)
  await untilSeen(director)
  const services = plural(director.desired?.services.length ?? 0, "virtual service")
  tellParent({ type: "ready", status: services })
}

/** keepalived starts once the agent is ready (templates/director/keepalived-unit.conf.hbs): no director becomes master blind. */
async function untilSeen(director: Director): Promise<void> {
  const beganMs = performance.now()
  while (director.unknownServers > 0 && performance.now() - beganMs < mostBlindMs) await sleep(100)
}

/** What the messages are for. */
interface Minds {
  readonly director: Director
  readonly follower: Follower
  readonly processes: ProcessBook
}

function answer(message: Message, { director, follower, processes }: Minds): void {
  switch (message.type) {
    case "hello":
      return tellParent(message)
    case "health":
      return guarded(() => director.report(message.reports))
    case "lateness":
      return director.tellLateness(message.lateness)
    case "health-started":
      return guarded(() => director.retarget())
    case "processes":
      return processes.take(message.processes)
    case "router-states":
      return guarded(() => {
        follower.hear(message.reports, message.warnings)
        follower.poll(director.desired)
      })
    case "vrrp-started":
      return guarded(() => follower.retell())
    case "ready":
    case "targets":
    case "routers":
      return
    default:
      return message satisfies never
  }
}

let complaint = ""

/** What goes wrong in one turn is said once and tried again in the next; it ends nothing. */
function guarded(work: () => void): void {
  try {
    work()
  } catch (thrown) {
    const { message } = toFailure(thrown)
    if (message !== complaint) log(message)
    complaint = message
  }
}
