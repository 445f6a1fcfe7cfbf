import { Failure } from "../../core/failure.ts"
import { nearest } from "../../core/text.ts"
import { exitCodes } from "../exit.ts"
import { look } from "../look.ts"
import { selectHosts } from "../limit.ts"
import { complain, print, printJson } from "../output.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"
import {
  backendRows,
  backendsTable,
  nodeRows,
  nodesTable,
  vserverRows,
  vserversTable,
  type Seen,
} from "../tables.ts"

export type Subject = "nodes" | "vservers" | "vserver" | "backends"

/** `lbctl show ...`: what runs now, as a table or as JSON. */
export async function show(
  subject: Subject,
  name: string | undefined,
  inventory: string | undefined,
  options: { limit?: string; json?: true },
): Promise<number> {
  const definition = await readDefinition(inventory)
  if (!definition.ok) return refuse(definition.error, options.json === true)
  const selected = selectHosts(options.limit, definition.value.fleet.hosts)
  if (!selected.ok) return refuse(selected.error, options.json === true)
  if (name !== undefined) checkService(definition.value, name)
  const hosts =
    subject === "nodes" ? selected.value : directorsAmong(definition.value, selected.value)
  const seen = await look(definition.value, hosts, options.json === true)
  for (const { view, error } of seen)
    if (error !== undefined && subject !== "nodes") complain(`${view.host}: ${error}`)
  present(subject, name, seen, options.json === true)
  return seen.some((host) => host.error !== undefined) ? exitCodes.unreachable : exitCodes.done
}

function present(
  subject: Subject,
  name: string | undefined,
  seen: readonly Seen[],
  json: boolean,
): void {
  switch (subject) {
    case "nodes": {
      const rows = nodeRows(seen)
      if (json) printJson(rows)
      else print(nodesTable(rows))
      return
    }
    case "vservers": {
      const rows = vserverRows(seen)
      if (json) printJson(rows)
      else print(vserversTable(rows))
      return
    }
    case "backends": {
      const rows = backendRows(seen)
      if (json) printJson(rows)
      else print(backendsTable(rows))
      return
    }
    case "vserver": {
      const vservers = vserverRows(seen).filter((row) => row.name === name)
      const backends = backendRows(seen).filter((row) => row.name === name)
      if (json) printJson({ vservers, backends })
      else print(`${vserversTable(vservers)}\n\n${backendsTable(backends)}`)
    }
  }
}

function checkService(definition: Definition, name: string): void {
  const names = definition.fleet.services.map((service) => service.name)
  if (names.includes(name)) return
  const near = nearest(name, names)
  throw new Failure("input", `there is no service ${name}`, {
    hint: near === undefined ? `the services are ${names.join(", ")}` : `did you mean ${near}?`,
  })
}

function directorsAmong(definition: Definition, hosts: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    definition.views
      .filter((view) => view.director !== undefined && hosts.has(view.host))
      .map((view) => view.host),
  )
}
