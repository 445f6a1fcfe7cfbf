/** The inventories that a command line names, the later over the earlier; none means that lbctl looks for one. */
export type Inventories = readonly string[]

/** Option `-i`, which all commands on inventories have. */
export interface InventoryFlags {
  readonly inventory?: readonly string[]
}

/** Inventories as a command line names them. */
export function inventoryWords(inventories: Inventories): string {
  return inventories.join(" -i ")
}

/** INVENTORY, when it is given, before those of `-i`. */
export function inventoriesOf(argument: string | undefined, flags: InventoryFlags): Inventories {
  return [...(argument === undefined ? [] : [argument]), ...(flags.inventory ?? [])]
}
