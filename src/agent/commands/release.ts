import { Failure } from "../../core/failure.ts"
import { ask } from "../client.ts"
import { tableSteps } from "../../plan/ipvs-steps.ts"
import { serviceName } from "../../model/ipvs.ts"
import { openIpvs } from "../kernel/ipvs.ts"
import { log } from "../log.ts"
import { ownPaths } from "../paths.ts"
import { ownsNothing } from "../store/owned.ts"
import { openStore } from "../store/store.ts"
import { settleTimeouts } from "../director/timeout-keeper.ts"
import { conclude } from "./output.ts"

/** Takes every service the agent made or adopted out of the kernel, by the daemon where it runs. No drain: the director leaves. */
export async function release(): Promise<number> {
  const reply = await ask(ownPaths().socket, "POST", "/release")
  if (reply !== undefined) return conclude(reply)
  const store = openStore(ownPaths(), log)
  const kernel = openIpvs()
  try {
    const owned = store.owned()
    const steps = tableSteps([], kernel.dump().table, new Set(owned.services))
    const [failure] = kernel.apply(steps)
    if (failure !== undefined) {
      const { step, error } = failure
      const name = serviceName("service" in step ? step.service.key : step.key)
      throw new Failure("failed", `${name} stays in the kernel: ${error}`)
    }
    if (owned.syncDaemons) for (const { role } of kernel.daemons()) kernel.stopDaemon(role)
    settleTimeouts({}, kernel, store)
    store.saveOwned(ownsNothing)
    return 0
  } finally {
    kernel.close()
  }
}
