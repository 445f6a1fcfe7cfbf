import { Failure } from "../../core/failure.ts"
import { ask } from "../client.ts"
import { runEngine } from "../engine.ts"
import { runHealth } from "../health.ts"
import { ownPaths } from "../paths.ts"
import { runWatchdog } from "../watchdog.ts"

/** The daemon: runs until it is told to end. A second one is refused. */
export async function daemon(): Promise<number> {
  if ((await ask(ownPaths().socket, "GET", "/status", undefined, 5000)) !== undefined)
    throw new Failure("failed", "the lbagent daemon is running already")
  runWatchdog()
  return 0
}

/** One of the watchdog's children. */
export async function runRole(role: string): Promise<void> {
  if (role === "engine") await runEngine()
  else runHealth()
}
