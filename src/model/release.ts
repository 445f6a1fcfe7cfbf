import type { Bundle } from "./bundle.ts"

/** A release as a host keeps it: all that planning needs to bring the host back to it. */
export interface Release {
  readonly bundle: Bundle
  /** The cluster the host took its turn in, and that cluster's directors, when it was made. */
  readonly cluster?: string
  readonly directors: readonly string[]
}
