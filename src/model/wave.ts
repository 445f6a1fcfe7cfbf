import type { Share } from "../core/share.ts"
import type { Phase } from "./plan.ts"

/** Hosts whose failures are counted against one limit. */
export interface Batch {
  readonly hosts: readonly string[]
  readonly maxFail: Share
}

/** Hosts that may change at the same time; a wave begins when the one before is through. */
export interface Wave {
  readonly phase: Phase
  readonly batches: readonly Batch[]
  /** Its hosts are canaries, watched for so long; milliseconds. */
  readonly soakMs?: number
}

/** All hosts of a wave. */
export function hostsOf(wave: Wave): string[] {
  return wave.batches.flatMap((batch) => batch.hosts)
}
