import { homedir, userInfo } from "node:os"
import type { Fleet } from "../model/fleet.ts"
import { isUnmanaged } from "../model/unmanaged.ts"
import { openConnector } from "../push/connector.ts"
import { openNodePool, type NodePool } from "../push/node-pool.ts"
import { observeScript } from "../wire/observe-request.ts"
import { doctorScript, lockScript, nodeScript } from "./assets.ts"
import { chosenConnections } from "./connections.ts"
import { terminalPrompter } from "./prompter.ts"
import { openTracing } from "./tracing.ts"

/** Hosts looked at or changed at once. */
export const parallelHosts = 32

/** Does `work` with connections to the hosts that lbctl manages, which are opened when first needed. */
export async function withPool<T>(fleet: Fleet, work: (pool: NodePool) => Promise<T>): Promise<T> {
  const pool = await openPool(fleet)
  try {
    return await work(pool)
  } finally {
    pool.close()
  }
}

async function openPool(fleet: Fleet): Promise<NodePool> {
  const agentSocket = process.env["SSH_AUTH_SOCK"]
  const prompter = terminalPrompter()
  const user = userInfo().username
  const connector = openConnector({
    home: homedir(),
    user,
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(prompter === undefined ? {} : { prompter }),
  })
  const scripts = {
    observeScript: observeScript(nodeScript()),
    lockScript: lockScript(),
    doctorScript: doctorScript(),
  }
  const connections = await chosenConnections(fleet.hosts.filter((host) => !isUnmanaged(host)))
  return openNodePool(connector, connections, scripts, openTracing(user))
}
