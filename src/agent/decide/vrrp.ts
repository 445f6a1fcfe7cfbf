import type { VrrpState } from "../../model/agent-status.ts"
import type { DesiredVrrp } from "../../model/desired.ts"
import type { VrrpPriorities } from "./vrrp-priority.ts"

/** What a director sees of one of its instances; keepalived runs VRRP, the agent follows. */
export interface VrrpSight {
  readonly keepalivedRuns: boolean
  /** The anchor address is on the instance's interface. */
  readonly anchorHeld: boolean
  /** The instance's own address is there: its interface is up. */
  readonly sourceHeld: boolean
}

/** The state keepalived must be in. */
export function vrrpState(sight: VrrpSight): VrrpState {
  if (!sight.keepalivedRuns) return "STOPPED"
  if (sight.anchorHeld) return "MASTER"
  return sight.sourceHeld ? "BACKUP" : "FAULT"
}

/**
 * How an instance was told to let go, by the file keepalived tracks with weight 1:
 * `releasing` puts it in FAULT until its peer had time to take over (nopreempt: it then stays BACKUP by itself);
 * `lowered` keeps its priority below every peer's, since with preempt it would take the VIPs back.
 */
export type Demotion =
  | { readonly kind: "none" }
  | { readonly kind: "releasing"; readonly goneSinceMs?: number }
  | { readonly kind: "lowered"; readonly left: boolean }

/** Below -253 a tracked file means FAULT (keepalived.conf(5), track_file). */
export const faultValue = -254
/** Adverts of its peer an instance waits for before it may come back. */
const advertsToWait = 3

/** The number in the tracked file for a demotion, and for a priority that an operator gave. */
export function trackedValue(
  demotion: Demotion,
  { defined, wanted, lowestPeer }: VrrpPriorities,
): number {
  switch (demotion.kind) {
    case "none":
      return wanted - defined
    case "releasing":
      return faultValue
    case "lowered":
      return Math.min(wanted, Math.max(1, lowestPeer - 1)) - defined
    default:
      return demotion satisfies never
  }
}

/** The demotion a former process left in the tracked file; `base` is the number that it had there without one. */
export function demotionOf(value: number, base: number): Demotion {
  if (value <= faultValue) return { kind: "releasing" }
  return value < base ? { kind: "lowered", left: false } : { kind: "none" }
}

/** How to hand over: a lasting demotion with preempt, a passing one without. */
export function startDemotion(vrrp: Pick<DesiredVrrp, "preempt">): Demotion {
  return vrrp.preempt ? { kind: "lowered", left: false } : { kind: "releasing" }
}

/**
 * The demotion a moment later. A release ends some adverts after the anchor is gone; a lowered priority ends when the
 * instance becomes MASTER all the same: its peers are gone, and to stay low would only make the VIPs move once more.
 */
export function stepDemotion(
  before: Demotion,
  state: VrrpState,
  vrrp: Pick<DesiredVrrp, "advertIntervalMs">,
  nowMs: number,
): Demotion {
  switch (before.kind) {
    case "none":
      return before
    case "releasing": {
      if (state === "MASTER") return { kind: "releasing" }
      const goneSinceMs = before.goneSinceMs ?? nowMs
      const over = nowMs - goneSinceMs >= advertsToWait * vrrp.advertIntervalMs
      return over ? { kind: "none" } : { kind: "releasing", goneSinceMs }
    }
    case "lowered":
      if (state === "MASTER") return before.left ? { kind: "none" } : before
      return state === "BACKUP" ? { kind: "lowered", left: true } : before
    default:
      return before satisfies never
  }
}
