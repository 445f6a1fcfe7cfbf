import { Failure } from "../../core/failure.ts"
import { ask } from "../client.ts"
import type { Role } from "../messages.ts"
import { ownPaths } from "../paths.ts"
import { runWatchdog } from "../watchdog.ts"

/** The daemon: runs until it is told to end. A second one is refused. */
export async function daemon(): Promise<number> {
  if ((await ask(ownPaths().socket, "GET", "/status", undefined, 5000)) !== undefined)
    throw new Failure("failed", "the lbagent daemon is running already")
  runWatchdog()
  return 0
}

/** One of the watchdog's children, which loads no other's code. */
export async function runRole(role: Role): Promise<void> {
  switch (role) {
    case "engine":
      return (await import("../engine.ts")).runEngine()
    case "health":
      return (await import("../health.ts")).runHealth()
    case "vrrp":
      return (await import("../vrrp/vrrp.ts")).runVrrp()
    default:
      return role satisfies never
  }
}
