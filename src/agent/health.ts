import type { Message } from "./messages.ts"
import { openFilesLimit } from "./kernel/open-files.ts"
import { isMessage, tellParent } from "./messages.ts"
import { probe } from "./probe/probe.ts"
import { Prober } from "./probe/prober.ts"

/** Checks under way at once, where the limit of open files allows them; one may hold two. */
const mostChecks = 16_384
/** The least limit that systems come with (getrlimit(2), RLIMIT_NOFILE). */
const fewFiles = 1024
const latenessMs = 10_000

/** The health process: asks what the engine names, tells what changes. Lives and dies with the watchdog. */
export function runHealth(): void {
  const prober = new Prober({
    probe,
    report: (reports) => tellParent({ type: "health", reports }),
    now: () => Date.now(),
    clock: () => performance.now(),
    mostAtOnce: Math.min(mostChecks, Math.floor((openFilesLimit() ?? fewFiles) / 2)),
  })
  setInterval(() => tellParent({ type: "lateness", lateness: prober.takeLateness() }), latenessMs)
  process.on("disconnect", () => process.exit(0))
  process.on("message", (value) => {
    if (isMessage(value)) answer(value, prober)
  })
}

function answer(message: Message, prober: Prober): void {
  switch (message.type) {
    case "hello":
      return tellParent(message)
    case "targets":
      return prober.setTargets(message.targets)
    case "ready":
    case "health":
    case "health-started":
    case "lateness":
    case "processes":
    case "routers":
    case "router-states":
    case "vrrp-started":
      return
    default:
      return message satisfies never
  }
}
