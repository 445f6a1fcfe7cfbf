import { basename, dirname, join, resolve } from "node:path"
import { hasErrors, sortProblems } from "../core/problem.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import { checkDocument } from "../schema/check.ts"
import type { DocumentKind } from "../schema/check.ts"
import type { Document, Documents } from "../schema/documents.ts"
import { displayPath, kindAt, namesIn } from "./disk.ts"
import type { SshSurroundings } from "../schema/ssh-config.ts"
import { findSources } from "./inventory-sources.ts"
import type { InventorySource } from "./inventory-sources.ts"
import { loadInventory } from "./inventory.ts"
import { readFlawedDocument } from "./read-document.ts"
import type { Reading } from "./read-document.ts"
import { readOpened } from "./read-opened.ts"
import type { Edges } from "./read-opened.ts"
import { loadRoles } from "./roles.ts"
import { noKeys } from "./secrets/keys.ts"
import type { Keys } from "./secrets/keys.ts"
import { sshSurroundings } from "./ssh-surroundings.ts"
import { loadTemplates } from "./templates.ts"

/** Where lbctl reads from. */
export interface LoadOptions {
  /** Holds lbctl's own roles/ and templates/. */
  readonly packageFolder: string
  /** Holds the user's roles/ and templates/; default: what holds `inventories/`, or the inventory's own folder when it lies elsewhere. */
  readonly userFolder?: string
  /** Relative paths start here, and names in problems are relative to it; default: the process's. */
  readonly currentFolder?: string
  /** What opens encrypted input; default: nothing. */
  readonly keys?: Keys
  /** What ssh would know when it connects; default: this user on this machine. */
  readonly ssh?: SshSurroundings
}

/**
 * Reads all that describes a fleet: the inventory, clusters.yml and services/*.yml beside it, roles and templates.
 * `inventories` are files, or folders of them, the later over the earlier; clusters.yml lies beside one. The error holds every
 * problem of every file; warnings of a good load are in `warnings`. Own rules: clusters-missing, services-missing,
 * clusters-ambiguous.
 * @throws Failure `input` when a folder cannot be listed.
 */
export async function loadDocuments(
  inventories: readonly string[],
  options: LoadOptions,
): Promise<Result<Documents, Problem[]>> {
  return readOpened(options.keys ?? noKeys, (edges) => loadAll(inventories, options, edges))
}

/** One reading of all files. */
function loadAll(
  inventories: readonly string[],
  options: LoadOptions,
  edges: Edges,
): Result<Documents, Problem[]> {
  const currentFolder = options.currentFolder ?? process.cwd()
  const reading: Reading = { currentFolder, problems: [], ...edges }
  const paths = inventories.map((path) => resolve(currentFolder, path))
  const sources = findSources(paths, currentFolder)
  if (!sources.ok) return sources
  const folder = ownFolder(sources.value, reading)
  const root = resolve(currentFolder, options.userFolder ?? userFolderOf(folder))
  const folders = [root, resolve(currentFolder, options.packageFolder)]
  const loaded = loadInventory(sources.value, reading)
  const clusters = loadClusters(folder, reading)
  const services = loadServices(folder, reading)
  const roles = loadRoles(folders, reading)
  const templates = loadTemplates(folders, reading)
  const problems = sortProblems(reading.problems)
  if (loaded === undefined || clusters === undefined || hasErrors(problems)) {
    const checked: Checked[] = [["clusters", clusters === undefined ? [] : [clusters]]]
    checked.push(["services", services], ["role", roles])
    return err(sortProblems([...problems, ...mistakesOfForm(checked, problems)]))
  }
  return ok({
    root,
    folder: displayPath(folder, currentFolder),
    ssh: options.ssh ?? sshSurroundings(currentFolder),
    inventory: loaded.inventory,
    clusters,
    services,
    roles,
    templates,
    warnings: problems,
  })
}

type Checked = readonly [kind: DocumentKind, documents: readonly Document[]]

/** What is wrong in the files that could be read, so that one run tells all; a place that has its problem gets no second. */
function mistakesOfForm(checked: readonly Checked[], known: readonly Problem[]): Problem[] {
  const places = new Set(known.map((problem) => JSON.stringify(problem.at)))
  return checked
    .flatMap(([kind, documents]) => documents.flatMap((document) => checkDocument(kind, document)))
    .filter((problem) => !places.has(JSON.stringify(problem.at)))
}

/** The folder among those of the sources that has clusters.yml; two would be two fleets. */
function ownFolder(sources: readonly InventorySource[], reading: Reading): string {
  const folders = [...new Set(sources.map((source) => source.folder))]
  const [folder, other] = folders.filter((candidate) => clustersIn(candidate).length > 0)
  const shown = (path: string): string =>
    displayPath(join(path, clustersIn(path)[0] ?? ""), reading.currentFolder)
  if (folder !== undefined && other !== undefined)
    reading.problems.push({
      rule: "clusters-ambiguous",
      message: `two of the inventories have clusters: ${shown(folder)} and ${shown(other)}`,
      hint: "name inventories of one fleet, or move all clusters and services to one of them",
    })
  return folder ?? folders[0] ?? reading.currentFolder
}

function clustersIn(folder: string): string[] {
  return ["clusters.yml", "clusters.yaml"].filter((name) => kindAt(join(folder, name)) === "file")
}

function userFolderOf(inventoryFolder: string): string {
  for (let folder = inventoryFolder; dirname(folder) !== folder; folder = dirname(folder))
    if (basename(folder) === "inventories") return dirname(folder)
  return inventoryFolder
}

function loadClusters(folder: string, reading: Reading): Document | undefined {
  const [path, other] = clustersIn(folder).map((name) => join(folder, name))
  const shown = (name: string): string => displayPath(name, reading.currentFolder)
  if (path === undefined) {
    reading.problems.push({
      rule: "clusters-missing",
      message: "the inventory has no clusters.yml beside it",
      hint: `create ${shown(join(folder, "clusters.yml"))}; \`lbctl init DIR\` writes an example`,
    })
    return undefined
  }
  if (other !== undefined)
    reading.problems.push({
      rule: "clusters-ambiguous",
      message: `both ${shown(path)} and ${shown(other)} exist`,
      hint: "keep one",
    })
  return readFlawedDocument(path, reading)
}

function loadServices(folder: string, reading: Reading): readonly Document[] {
  const services = join(folder, "services")
  const names = namesIn(services).filter((name) => /^[^.].*\.ya?ml$/.test(name))
  if (names.length === 0)
    reading.problems.push({
      rule: "services-missing",
      message: "the inventory has no services beside it",
      hint: `create ${displayPath(join(services, "NAME.yml"), reading.currentFolder)}; \`lbctl init DIR\` writes an example`,
    })
  return names.flatMap((name) => readFlawedDocument(join(services, name), reading) ?? [])
}
