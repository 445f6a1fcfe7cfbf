import type { Share } from "../core/share.ts"

/** How a rollout goes over the hosts of a cluster: `rollout` in clusters.yml, or the command line. */
export interface RolloutPolicy {
  /** Sizes of batches one after the other, the last again and again; empty: all hosts of a phase at once. */
  readonly serial: readonly Share[]
  /** Hosts that go first in their phase and are watched before they are confirmed. */
  readonly canary: readonly string[]
  /** How long a canary is watched, milliseconds. */
  readonly soakMs: number
  /** More failures than this stop the rollout: a percentage of each batch, or a number of hosts of the whole run. */
  readonly maxFail: Share
  /** Whether a master hands VRRP over to a backup before it changes. */
  readonly handover: boolean
}

/** What the command line says in place of clusters.yml. */
export type RolloutChoice = { readonly [K in keyof RolloutPolicy]?: RolloutPolicy[K] }

/** A canary is an hour on an unconfirmed release at most. */
export const longestSoakMs = 3_600_000

/** Where neither clusters.yml nor the command line says anything else: the first failure stops. */
export const defaultPolicy: RolloutPolicy = {
  serial: [],
  canary: [],
  soakMs: 30_000,
  maxFail: { percent: 0 },
  handover: false,
}
