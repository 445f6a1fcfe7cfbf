import { dirname, join } from "node:path"
import type { Problem } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import { displayPath, kindAt, namesIn } from "./disk.ts"

/** One INVENTORY: the files that describe it. */
export interface InventorySource {
  /** Holds group_vars/ and host_vars/, and clusters.yml with what belongs to it: the folder itself, or that of the file. */
  readonly folder: string
  /** In the order in which they are read: what a later one says wins. */
  readonly files: readonly string[]
}

/** Ansible's IGNORED (inventory/manager.py, with the defaults of INVENTORY_IGNORE_EXTS). */
const passedOver =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/

/** What lbctl reads itself from an inventory's folder. */
const own = new Set(["clusters.yml", "clusters.yaml", "services", "roles", "templates"])

/**
 * The files that INVENTORY arguments mean: a file itself, or all files of a folder and of the folders in it, by name, as Ansible
 * takes them, without those that are lbctl's own. Paths are absolute. Problem: inventory-missing.
 * @throws Failure `input` when a folder cannot be listed.
 */
export function findSources(
  paths: readonly string[],
  currentFolder: string,
): Result<readonly InventorySource[], Problem[]> {
  const problems: Problem[] = []
  const sources: InventorySource[] = []
  for (const path of paths) {
    const shown = displayPath(path, currentFolder)
    const kind = kindAt(path)
    const isFolder = kind === "folder"
    const files = isFolder ? sourceFiles(path, own) : [path]
    if (kind === "absent") problems.push(missing(`there is no inventory ${shown}`))
    else if (files.length === 0) problems.push(nothingIn(path, shown))
    else sources.push({ folder: isFolder ? path : dirname(path), files })
  }
  return problems.length > 0 ? err(problems) : ok(sources)
}

/** Whether a folder looks like an inventory by the names in it: hosts of any format, or clusters. */
export function holdsInventory(folder: string): boolean {
  return namesIn(folder).some((name) => /^(?:hosts|inventory)(?:\.|$)|^clusters\.ya?ml$/.test(name))
}

function sourceFiles(folder: string, except: ReadonlySet<string>): string[] {
  return namesIn(folder)
    .filter((name) => !passedOver.test(name) && !except.has(name))
    .map((name) => join(folder, name))
    .flatMap((path) => (kindAt(path) === "folder" ? sourceFiles(path, new Set()) : [path]))
}

function hostsFile(folder: string): string | undefined {
  return namesIn(folder).find((name) => /^hosts\.(?:ini|cfg)$/.test(name))
}

function nothingIn(folder: string, shown: string): Problem {
  const name = hostsFile(folder)
  if (name === undefined) return missing(`${shown} holds no inventory`)
  const hint = `files with that ending are passed over in a folder, as Ansible does: name the file, ${join(shown, name)}`
  return { ...missing(`${shown} holds no inventory but ${name}`), hint }
}

function missing(message: string): Problem {
  const hint =
    "INVENTORY is a file such as hosts.yml, or a folder with such files; `lbctl init DIR` writes one"
  return { rule: "inventory-missing", message, hint }
}
