import type { Inventories } from "../inventories.ts"
import { Failure } from "../../core/failure.ts"
import { nearest } from "../../core/text.ts"
import { withChosen, type ChoiceFlags } from "../chosen.ts"
import { exitCodes } from "../exit.ts"
import { look } from "../look.ts"
import { complain, print, printJson } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import {
  backendRows,
  backendsTable,
  nodeRows,
  nodesTable,
  silentDirectors,
  vserverRows,
  vserversTable,
  type Seen,
} from "../tables.ts"

export type Subject = "nodes" | "vservers" | "vserver" | "backends"

/** `lbctl show ...`: what runs now, as a table or as JSON. */
export async function show(
  subject: Subject,
  name: string | undefined,
  inventory: Inventories,
  flags: ChoiceFlags,
): Promise<number> {
  const json = flags.json === true
  return withChosen(inventory, flags, async (definition, chosen) => {
    if (name !== undefined) checkService(definition, name)
    const hosts = subject === "nodes" ? chosen : directorsAmong(definition, chosen)
    const seen = await look(definition, hosts, json)
    if (subject !== "nodes") silentDirectors(seen).forEach(complain)
    present(subject, name, seen, json)
    return seen.some((host) => host.error !== undefined) ? exitCodes.unreachable : exitCodes.done
  })
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
