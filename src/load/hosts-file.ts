import { join, parse } from "node:path"
import type { Problem } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import { displayPath, kindAt, namesIn } from "./disk.ts"
import { convertHint } from "./convert-hint.ts"

const supported = ["hosts.yml", "hosts.yaml"]
const unsupported = ["hosts", "hosts.ini", "hosts.cfg", "hosts.json", "hosts.py", "hosts.sh"]

/**
 * The inventory file an INVENTORY argument means: the file itself, or hosts.yml in the folder. `path` is absolute.
 * Problems: inventory-missing, inventory-format, inventory-ambiguous.
 */
export function findHostsFile(path: string, currentFolder: string): Result<string, Problem> {
  const shown = displayPath(path, currentFolder)
  switch (kindAt(path)) {
    case "absent":
      return err(missing(`there is no inventory ${shown}`))
    case "file":
      return isYaml(path) ? ok(path) : err(wrongFormat(shown))
    case "folder":
      return inFolder(path, currentFolder)
  }
}

/** Whether a folder holds an inventory file, of whatever kind. */
export function holdsInventory(folder: string): boolean {
  const names = new Set(namesIn(folder))
  return [...supported, ...unsupported].some((name) => names.has(name))
}

function inFolder(folder: string, currentFolder: string): Result<string, Problem> {
  const names = new Set(namesIn(folder))
  const [file, other] = supported.filter((name) => names.has(name))
  const shown = (name: string): string => displayPath(join(folder, name), currentFolder)
  if (file !== undefined && other !== undefined)
    return err({
      rule: "inventory-ambiguous",
      message: `both ${shown(file)} and ${shown(other)} exist`,
      hint: "keep one, or name the file itself as INVENTORY",
    })
  if (file !== undefined) return ok(join(folder, file))
  const foreign = unsupported.find((name) => names.has(name))
  if (foreign !== undefined) return err(wrongFormat(shown(foreign)))
  return err(missing(`${displayPath(folder, currentFolder)} holds no hosts.yml`))
}

function isYaml(path: string): boolean {
  return [".yml", ".yaml"].includes(parse(path).ext)
}

function missing(message: string): Problem {
  const hint =
    "INVENTORY is a folder with hosts.yml in it, or that file; `lbctl init DIR` writes one"
  return { rule: "inventory-missing", message, hint }
}

function wrongFormat(shown: string): Problem {
  const message = `${shown} is not a YAML inventory: neither INI files nor executables are supported`
  return { rule: "inventory-format", message, hint: convertHint(shown) }
}
