import { basename, dirname, join, resolve } from "node:path"
import { hasErrors, sortProblems } from "../core/problem.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import { checkDocument } from "../schema/check.ts"
import type { DocumentKind } from "../schema/check.ts"
import type { Document, Documents } from "../schema/documents.ts"
import { displayPath, kindAt, namesIn } from "./disk.ts"
import { findHostsFile } from "./hosts-file.ts"
import { loadInventory } from "./inventory.ts"
import { readFlawedDocument } from "./read-document.ts"
import type { Reading } from "./read-document.ts"
import { loadRoles } from "./roles.ts"
import { loadTemplates } from "./templates.ts"

/** Where lbctl reads from. */
export interface LoadOptions {
  /** Holds lbctl's own roles/ and templates/. */
  readonly packageFolder: string
  /** Holds the user's roles/ and templates/; default: what holds `inventories/`, or the inventory's own folder when it lies elsewhere. */
  readonly userFolder?: string
  /** Relative paths start here, and names in problems are relative to it; default: the process's. */
  readonly currentFolder?: string
}

/**
 * Reads all that describes a fleet: the inventory, clusters.yml and services/*.yml beside it, roles and templates.
 * `inventory` is a folder with hosts.yml in it, or that file. The error holds every problem of every file; warnings of a
 * good load are in `warnings`. Own rules: clusters-missing, services-missing, clusters-ambiguous.
 * @throws Failure `input` when a folder cannot be listed.
 */
export async function loadDocuments(
  inventory: string,
  options: LoadOptions,
): Promise<Result<Documents, Problem[]>> {
  const currentFolder = options.currentFolder ?? process.cwd()
  const reading: Reading = { currentFolder, problems: [] }
  const hostsFile = findHostsFile(resolve(currentFolder, inventory), currentFolder)
  if (!hostsFile.ok) return err([hostsFile.error])
  const folder = dirname(hostsFile.value)
  const root = resolve(currentFolder, options.userFolder ?? userFolderOf(folder))
  const folders = [root, resolve(currentFolder, options.packageFolder)]
  const hosts = loadInventory(hostsFile.value, reading)
  const clusters = loadClusters(folder, reading)
  const services = loadServices(folder, reading)
  const roles = loadRoles(folders, reading)
  const templates = loadTemplates(folders, reading)
  const problems = sortProblems(reading.problems)
  if (hosts === undefined || clusters === undefined || hasErrors(problems)) {
    const checked: Checked[] = [["clusters", clusters === undefined ? [] : [clusters]]]
    checked.push(["services", services], ["role", roles])
    return err(sortProblems([...problems, ...mistakesOfForm(checked, problems)]))
  }
  return ok({ root, inventory: hosts, clusters, services, roles, templates, warnings: problems })
}

type Checked = readonly [kind: DocumentKind, documents: readonly Document[]]

/** What is wrong in the files that could be read, so that one run tells all; a place that has its problem gets no second. */
function mistakesOfForm(checked: readonly Checked[], known: readonly Problem[]): Problem[] {
  const places = new Set(known.map((problem) => JSON.stringify(problem.at)))
  return checked
    .flatMap(([kind, documents]) => documents.flatMap((document) => checkDocument(kind, document)))
    .filter((problem) => !places.has(JSON.stringify(problem.at)))
}

function userFolderOf(inventoryFolder: string): string {
  for (let folder = inventoryFolder; dirname(folder) !== folder; folder = dirname(folder))
    if (basename(folder) === "inventories") return dirname(folder)
  return inventoryFolder
}

function loadClusters(folder: string, reading: Reading): Document | undefined {
  const paths = ["clusters.yml", "clusters.yaml"].map((name) => join(folder, name))
  const [path, other] = paths.filter((candidate) => kindAt(candidate) === "file")
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
