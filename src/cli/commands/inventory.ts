import { resolve } from "node:path"
import { Failure } from "../../core/failure.ts"
import { hasErrors, sortProblems, type Problem } from "../../core/problem.ts"
import { err, ok, type Result } from "../../core/result.ts"
import { suggestion } from "../../core/suggestion.ts"
import { kindAt } from "../../load/disk.ts"
import { findInventories } from "../../load/find-inventory.ts"
import { loadInventory, type LoadedInventory } from "../../load/inventory.ts"
import { findSources } from "../../load/inventory-sources.ts"
import type { Reading } from "../../load/read-document.ts"
import { readOpened } from "../../load/read-opened.ts"
import { exitCodes } from "../exit.ts"
import { formatOf } from "../format.ts"
import type { Inventories } from "../inventories.ts"
import { explain, explainTable } from "../inventory-explain.ts"
import { inventoryGraph } from "../inventory-graph.ts"
import { ansibleJson, inventoryList, valuesOf } from "../inventory-list.ts"
import { readKeys, type KeyFlags } from "../keys.ts"
import { selectHosts } from "../limit.ts"
import { print, printJson } from "../output.ts"
import { refuse, warn } from "../problems.ts"

/** Options of `lbctl inventory`. */
export interface InventoryViewFlags {
  readonly list?: true
  readonly hosts?: true
  readonly graph?: true | string
  readonly vars?: true
  readonly host?: string
  readonly explain?: true
  readonly limit?: string
  readonly json?: true
}

type Flags = InventoryViewFlags & KeyFlags

/** Everything `lbctl inventory` shows; at least one is named, and no two. */
const views = ["list", "graph", "hosts", "host"] as const

/** `lbctl inventory`: hosts, groups and variables as Ansible resolves them, of any inventory; no host is contacted. */
export async function inventory(named: Inventories, flags: Flags): Promise<number> {
  checkFlags(flags)
  checkGraph(named, flags)
  const read = await readInventory(named, flags)
  if (!read.ok) return refuse(read.error, formatOf(flags))
  const { loaded, folder, warnings } = read.value
  warn(warnings, "text")
  if (flags.graph !== undefined) print(graphOf(loaded, flags))
  else if (flags.host !== undefined) showHost(loaded, flags.host, flags)
  else return showChosen(loaded, folder, flags)
  return exitCodes.done
}

interface ReadInventory {
  readonly loaded: LoadedInventory
  readonly folder: string
  readonly warnings: readonly Problem[]
}

async function readInventory(
  named: Inventories,
  flags: KeyFlags,
): Promise<Result<ReadInventory, Problem[]>> {
  const currentFolder = process.cwd()
  const environment = process.env["LBCTL_INVENTORY"]
  const paths = findInventories({ named, environment, currentFolder })
  if (!paths.ok) return err([paths.error])
  const absolute = paths.value.map((path) => resolve(path))
  const sources = findSources(absolute, currentFolder)
  if (!sources.ok) return sources
  const keys = await readKeys(flags, process.env)
  if (!keys.ok) return keys
  return readOpened(keys.value, (edges) => {
    const reading: Reading = { currentFolder, problems: [], ...edges }
    const loaded = loadInventory(sources.value, reading)
    const problems = sortProblems(reading.problems)
    if (loaded === undefined || hasErrors(problems)) return err(problems)
    return ok({ loaded, folder: sources.value[0]?.folder ?? currentFolder, warnings: problems })
  })
}

function showChosen(loaded: LoadedInventory, folder: string, flags: InventoryViewFlags): number {
  const scope = { known: loaded.inventory, folder, currentFolder: process.cwd() }
  const chosen = selectHosts(flags.limit, scope)
  if (!chosen.ok) return refuse(chosen.error, formatOf(flags))
  const names = [...chosen.value]
  if (flags.list === true) print(ansibleJson(inventoryList(loaded, chosen.value)))
  else if (flags.json === true) printJson(names)
  else if (names.length > 0) print(names.join("\n"))
  return exitCodes.done
}

function showHost(loaded: LoadedInventory, name: string, flags: InventoryViewFlags): void {
  const names = loaded.inventory.hosts.map((host) => host.name)
  if (!names.includes(name)) throw noSuch("host", name, names)
  const layers = loaded.layers.ofHost(name)
  if (flags.explain !== true) print(ansibleJson(valuesOf(layers)))
  else if (flags.json === true) printJson(explain(layers))
  else print(explainTable(explain(layers)))
}

function graphOf(loaded: LoadedInventory, flags: InventoryViewFlags): string {
  const start = typeof flags.graph === "string" ? flags.graph : "all"
  if (loaded.groups.has(start)) return inventoryGraph(loaded, start, flags.vars === true)
  throw noSuch("group", start, [...loaded.groups.keys()])
}

/** @throws Failure `input` for `--graph inventories/prod`, where the option took the inventory for its group. */
function checkGraph(named: Inventories, { graph }: InventoryViewFlags): void {
  if (named.length > 0 || typeof graph !== "string" || kindAt(resolve(graph)) === "absent") return
  throw new Failure("input", `--graph took ${graph} for a group`, {
    hint: `name the inventory first: lbctl inventory ${graph} --graph`,
  })
}

function noSuch(noun: string, name: string, known: readonly string[]): Failure {
  const hint = suggestion(name, known, "lbctl inventory --graph shows all")
  return new Failure("input", `the inventory has no ${noun} ${name}`, { hint })
}

/** @throws Failure `input` for no view, for two, and for an option that another view has. */
function checkFlags(flags: InventoryViewFlags): void {
  const [view, other] = views.filter((name) => flags[name] !== undefined)
  const hint = "one of --list, --graph [GROUP], --hosts and --host NAME"
  if (view === undefined) throw new Failure("input", "nothing to show is named", { hint })
  if (other !== undefined)
    throw new Failure("input", `--${view} and --${other} are two views`, { hint })
  const belongs = {
    explain: ["host"],
    vars: ["graph"],
    limit: ["list", "hosts"],
    json: ["list", "hosts", "host"],
  } as const
  for (const name of ["explain", "vars", "limit", "json"] as const) {
    const owners: readonly string[] = belongs[name]
    if (flags[name] === undefined || owners.includes(view)) continue
    const valid = owners.map((owner) => `--${owner}`).join(" and ")
    throw new Failure("input", `--${name} says nothing about --${view}`, {
      hint: `it goes with ${valid}`,
    })
  }
}
