import { join, resolve } from "node:path"
import { namesIn } from "../../load/disk.ts"
import { findInventories } from "../../load/find-inventory.ts"
import { loadInventory } from "../../load/inventory.ts"
import { scriptKind } from "../../load/inventory-script.ts"
import { findSources, holdsInventory, type InventorySource } from "../../load/inventory-sources.ts"
import { asMapping, readFlawedDocument } from "../../load/read-document.ts"
import type { Reading } from "../../load/read-document.ts"

/**
 * The names that `lbctl __complete KIND [INVENTORY]` prints for a shell: what can be read without keys and without asking
 * anybody. Whatever is wrong with the files is no matter here.
 */
export function completedNames(
  kind: string,
  argument: string | undefined,
  environment: string | undefined,
): readonly string[] {
  const currentFolder = process.cwd()
  if (kind === "inventories") return inventories(currentFolder)
  const source = firstSource(
    [argument === undefined ? [] : [argument], []],
    environment,
    currentFolder,
  )
  if (source === undefined) return []
  const reading: Reading = { currentFolder, problems: [] }
  const { folder } = source
  switch (kind) {
    case "hosts":
      return hostsOf(source, reading)
    case "patterns":
      return [...hostsOf(source, reading), ...groupsOf(source, reading)]
    case "clusters":
      return ["clusters.yml", "clusters.yaml"].flatMap((name) =>
        keysOf(join(folder, name), "clusters", reading),
      )
    case "services":
      return namesIn(join(folder, "services"))
        .filter((name) => /^[^.].*\.ya?ml$/.test(name))
        .flatMap((name) => keysOf(join(folder, "services", name), "services", reading))
    default:
      return []
  }
}

function inventories(currentFolder: string): string[] {
  return namesIn(join(currentFolder, "inventories"))
    .map((name) => join("inventories", name))
    .filter((path) => holdsInventory(join(currentFolder, path)))
}

/** The first that is an inventory: what was typed may be a host. Scripts are left out: they may take long, and more than reading. */
function firstSource(
  candidates: readonly (readonly string[])[],
  environment: string | undefined,
  currentFolder: string,
): InventorySource | undefined {
  for (const named of candidates) {
    const paths = findInventories({ named, environment, currentFolder })
    if (!paths.ok) continue
    const sources = findSources(
      paths.value.map((path) => resolve(currentFolder, path)),
      currentFolder,
    )
    const [source] = sources.ok ? sources.value : []
    if (source === undefined) continue
    return { ...source, files: source.files.filter((file) => scriptKind(file) !== "script") }
  }
  return undefined
}

function hostsOf(source: InventorySource, reading: Reading): string[] {
  return loadInventory([source], reading)?.inventory.hosts.map(({ name }) => name) ?? []
}

function groupsOf(source: InventorySource, reading: Reading): string[] {
  return Object.keys(loadInventory([source], reading)?.inventory.groups ?? {})
}

function keysOf(path: string, section: string, reading: Reading): string[] {
  const document = readFlawedDocument(path, reading)
  return Object.keys(asMapping(asMapping(document?.value)?.[section]) ?? {})
}
