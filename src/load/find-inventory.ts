import { join, resolve } from "node:path"
import type { Problem } from "../core/problem.ts"
import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"
import { kindAt, namesIn } from "./disk.ts"
import { holdsInventory } from "./inventory-sources.ts"

/** What may name an inventory, the first that is there wins. */
export interface InventoryChoice {
  /** INVENTORY of the command line, and each of its `-i`. */
  readonly named: readonly string[]
  /** The value of LBCTL_INVENTORY. */
  readonly environment?: string | undefined
  readonly currentFolder: string
}

/**
 * The inventories a command works on: those it names, LBCTL_INVENTORY, or the only one in `inventories/`; as the user would
 * write them. Problems: inventory-missing, inventory-ambiguous.
 */
export function findInventories(choice: InventoryChoice): Result<readonly string[], Problem> {
  const named = choice.named.filter((path) => path !== "")
  if (named.length > 0) return ok(named)
  if (choice.environment !== undefined && choice.environment !== "")
    return fromEnvironment(choice.environment, choice.currentFolder)
  const [only, ...others] = candidates(choice.currentFolder)
  if (only === undefined)
    return err({
      rule: "inventory-missing",
      message: "no INVENTORY is named, and inventories/ holds none",
      hint: "name one (`lbctl COMMAND inventories/prod`), set LBCTL_INVENTORY, or make one: `lbctl init inventories/prod`",
    })
  if (others.length === 0) return ok([only])
  return err({
    rule: "inventory-ambiguous",
    message: "no INVENTORY is named, and inventories/ holds several",
    hint: `name one of them, or set LBCTL_INVENTORY: ${[only, ...others].join(", ")}`,
  })
}

function fromEnvironment(path: string, currentFolder: string): Result<string[], Problem> {
  if (kindAt(resolve(currentFolder, path)) !== "absent") return ok([path])
  return err({
    rule: "inventory-missing",
    message: `LBCTL_INVENTORY names ${path}, which does not exist`,
    hint: "correct or unset it, or name an inventory on the command line",
  })
}

function candidates(currentFolder: string): string[] {
  return namesIn(join(currentFolder, "inventories"))
    .map((name) => join("inventories", name))
    .filter((path) => holdsInventory(join(currentFolder, path)))
}
