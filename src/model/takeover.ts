import type { VrrpState } from "./agent-status.ts"

/**
 * Whether a director would become master now. Without preempt one that has just handed over itself is held in FAULT for some
 * adverts: a handover to it would leave the VIPs with nobody until that is over.
 */
export function canTakeOver(
  { state, demoted }: { readonly state: string; readonly demoted: boolean },
  preempt: boolean,
): boolean {
  return state === ("BACKUP" satisfies VrrpState) && (preempt || !demoted)
}
