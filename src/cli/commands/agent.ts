import { toFailure } from "../../core/failure.ts"
import { planInstall } from "../../plan/agent.ts"
import { contact, openPool } from "../contact.ts"
import { ownRuntime, readAgent } from "../deploy.ts"
import { exitCodes } from "../exit.ts"
import { selectHosts } from "../limit.ts"
import { complain, print, printJson } from "../output.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse } from "../problems.ts"
import { openSink } from "../sink.ts"

/** `lbctl agent install`: brings what directors lack; what runs there goes on as it is until the next apply. */
export async function agentInstall(
  inventory: string | undefined,
  flags: { limit?: string; json?: true },
): Promise<number> {
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, flags.json === true)
  const selected = selectHosts(flags.limit, definition.value.fleet.hosts)
  if (!selected.ok) return refuse(selected.error, flags.json === true)
  const directors = new Set(
    definition.value.views
      .filter((view) => view.director !== undefined && selected.value.has(view.host))
      .map((view) => view.host),
  )
  const sink = openSink({ json: flags.json === true, quiet: false })
  const pool = openPool(definition.value.fleet)
  try {
    const { inputs, unreachable } = await contact(definition.value, directors, pool, sink.emit)
    const agent = readAgent()
    const runtime = ownRuntime()
    const rows = await Promise.all(
      inputs.map(async ({ bundle, observed }) => {
        const install = planInstall(bundle, observed)
        if (install === undefined) return { host: observed.host, result: "there already" }
        const node = pool.node(observed.host)
        const tell = (detail: string): void =>
          sink.emit({ type: "step", host: observed.host, step: "install", state: "start", detail })
        try {
          if (install.runtime) await node.installRuntime(runtime, observed.facts, tell)
          await node.installAgent(agent)
          return {
            host: observed.host,
            result: install.runtime ? "installed, with a Node runtime" : "installed",
          }
        } catch (thrown) {
          const failure = toFailure(thrown, observed.host)
          return { host: observed.host, error: failure.message, hint: failure.hint }
        }
      }),
    )
    sink.close()
    const failed = [
      ...rows.filter((row) => "error" in row),
      ...unreachable.map(({ host, message, hint }) => ({ host, error: message, hint })),
    ]
    if (flags.json === true) printJson([...rows, ...unreachable])
    for (const row of rows)
      if ("result" in row && flags.json !== true)
        print(`${row.host}: lbagent ${agent.id.slice(0, 12)} ${row.result ?? ""}`)
    for (const row of failed)
      complain(
        `${row.host}: ${row.error ?? ""}${row.hint === undefined ? "" : `\n    ${row.hint}`}`,
      )
    if (unreachable.length > 0) return exitCodes.unreachable
    return failed.length > 0 ? exitCodes.failed : exitCodes.done
  } finally {
    sink.close()
    pool.close()
  }
}
