import type { Message } from "./messages.ts"
import { isMessage, tellParent } from "./messages.ts"
import { probe } from "./probe/probe.ts"
import { Prober } from "./probe/prober.ts"

/** The health process: asks what the engine names, tells what changes. Lives and dies with the watchdog. */
export function runHealth(): void {
  const prober = new Prober({
    probe,
    report: (reports) => tellParent({ type: "health", reports }),
    now: () => Date.now(),
  })
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
    case "processes":
    case "routers":
    case "router-states":
    case "vrrp-started":
      return
    default:
      return message satisfies never
  }
}
