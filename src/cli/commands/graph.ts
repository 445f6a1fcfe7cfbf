import { fleetGraph, type Graph } from "../../plan/graph.ts"
import { dotText, mermaidText } from "../../plan/graph-text.ts"
import { withChosen } from "../chosen.ts"
import { exitCodes } from "../exit.ts"
import type { Inventories } from "../inventories.ts"
import type { KeyFlags } from "../keys.ts"
import { print } from "../output.ts"

/** Flags of `lbctl graph`. */
export interface GraphFlags {
  readonly limit?: string
  readonly format: keyof typeof printers
}

const printers = {
  mermaid: mermaidText,
  dot: dotText,
  json: (graph: Graph) => JSON.stringify(graph, undefined, 2),
}

/** `lbctl graph`: the fleet as boxes and arrows; no host is contacted. */
export async function graph(
  inventory: Inventories,
  { format, ...flags }: GraphFlags & KeyFlags,
): Promise<number> {
  return withChosen(inventory, flags, ({ fleet }, hosts) => {
    print(printers[format](fleetGraph(fleet, hosts)))
    return exitCodes.done
  })
}
