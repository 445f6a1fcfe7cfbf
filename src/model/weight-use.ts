import type { Scheduler } from "./ipvs.ts"

/** Schedulers that only ask whether a weight is 0 (ip_vs(8); net/netfilter/ipvs/ip_vs_{rr,lc,dh}.c). */
const weightless: ReadonlySet<Scheduler> = new Set<Scheduler>(["rr", "lc", "dh"])
/** Schedulers that place clients by a table made of the weights (ip_vs_sh.c, ip_vs_mh.c). */
const hashing: ReadonlySet<Scheduler> = new Set<Scheduler>(["sh", "mh"])

/** What a scheduler does with weights: nothing, place clients by them (so that every change moves some), or share out by them. */
export function weightUse(scheduler: Scheduler): "none" | "places" | "shares" {
  if (weightless.has(scheduler)) return "none"
  return hashing.has(scheduler) ? "places" : "shares"
}
