import { Failure } from "../../core/failure.ts"
import type { Inventories } from "../inventories.ts"
import { liftOverride } from "./lift.ts"
import { setOverride, type SetFlags } from "./override.ts"

/** `lbctl weight TARGET N`, or `default` for what the definition says. */
export function weight(
  target: string,
  number: string,
  inventory: Inventories,
  flags: SetFlags,
): Promise<number> {
  if (number !== "default")
    return setOverride({ action: "weight", weight: parseWeight(number) }, target, inventory, flags)
  const { reason, for: length, until, allow } = flags
  if ([reason, length, until, allow].some((value) => value !== undefined))
    throw new Failure("input", "default takes no --reason, --for, --until or --allow", {
      hint: "it lifts the weight that was set",
    })
  return liftOverride("weight", target, inventory, flags)
}

/** The weights IPVS takes (ipvsadm(8), -w). */
function parseWeight(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Infinity
  if (number <= 65_535) return number
  throw new Failure("input", `${text} is no weight`, {
    hint: "a whole number from 0 to 65535, or default for what the definition says",
  })
}
