import type { Inventories } from "../inventories.ts"
import { toFailure } from "../../core/failure.ts"
import { planInstall } from "../../plan/agent.ts"
import type { HostInput } from "../../plan/host.ts"
import type { Unreachable } from "../../plan/fleet.ts"
import type { NodePool } from "../../push/node-pool.ts"
import { withManaged, type ChoiceFlags } from "../chosen.ts"
import { withContacted } from "../contact.ts"
import { ownRuntime, readAgent } from "../payloads.ts"
import { exitCodes } from "../exit.ts"
import { lockHosts } from "../locked.ts"
import { newRun } from "../who.ts"
import { complain, print, printJson } from "../output.ts"

/** How the installation on one director ended. */
type Installed =
  | { readonly host: string; readonly result: string }
  | ({ readonly error: string } & Pick<Unreachable, "host" | "hint">)

/** `lbctl agent install`: brings what directors lack; what runs there goes on as it is until the next apply. */
export async function agentInstall(inventory: Inventories, flags: ChoiceFlags): Promise<number> {
  const json = flags.json === true
  return withManaged(inventory, flags, (definition, hosts) => {
    const directors = new Set(
      definition.views
        .filter((view) => view.director !== undefined && hosts.has(view.host))
        .map((view) => view.host),
    )
    return withContacted(definition, directors, json, async (contacted, pool) => {
      const { inputs, unreachable } = contacted
      const lacking = inputs.filter(({ bundle, observed }) => planInstall(bundle, observed))
      const hosts = lacking.map(({ observed }) => observed.host)
      const who = await newRun("agent-install", definition.folder)
      const install = installer(pool)
      const lock = await lockHosts(hosts, contacted, pool, who)
      const installed = await Promise.all(inputs.map(install))
      await lock.release()
      const rows: Installed[] = [
        ...installed,
        ...unreachable.map(({ message, ...host }) => ({ ...host, error: message })),
      ]
      if (json) printJson(rows)
      else for (const row of rows) tell(row)
      if (unreachable.length > 0) return exitCodes.unreachable
      return rows.some((row) => "error" in row) ? exitCodes.failed : exitCodes.done
    })
  })
}

/** Installs on one director after the other's pace; one's failure does not touch another. */
function installer(pool: NodePool): (input: HostInput) => Promise<Installed> {
  const agent = readAgent()
  const runtime = ownRuntime()
  return async ({ bundle, observed }) => {
    const { host } = observed
    const install = planInstall(bundle, observed)
    const name = `lbagent ${agent.id.slice(0, 12)}`
    if (install === undefined) return { host, result: `${name} is there already` }
    const node = pool.node(host)
    try {
      if (install.runtime) await node.installRuntime(runtime, observed.facts, () => undefined)
      await node.installAgent(agent)
      return { host, result: `${name} installed${install.runtime ? ", with a Node runtime" : ""}` }
    } catch (thrown) {
      const { message, hint } = toFailure(thrown, host)
      return { host, error: message, ...(hint === undefined ? {} : { hint }) }
    }
  }
}

function tell(row: Installed): void {
  if ("result" in row) print(`${row.host}: ${row.result}`)
  else complain(`${row.host}: ${row.error}${row.hint === undefined ? "" : `\n    ${row.hint}`}`)
}
