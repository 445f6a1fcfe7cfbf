/** A run at work on a host: its lock ends with the run, or a few minutes after its last word. */
export interface Lease {
  /** The run's id. */
  readonly run: string
  /** `apply`, `rollback`, `setup`, `teardown`, `agent-install`. */
  readonly what: string
  /** When the run began, by its controller's clock: ISO 8601 in UTC. */
  readonly since: string
  /** The controller's host name. */
  readonly from: string
  /** The controller's process, where another on the same machine can tell whether it is still there; else `-`. */
  readonly process: string
  readonly by: string
}

/** A lock that a person holds until it is lifted. */
export interface Hold {
  readonly since: string
  readonly from: string
  readonly by: string
  readonly message: string
}

/** Who has a host's lock, since when, from where, and for what. */
export function holderWords(holder: Lease | Hold): string {
  const who = `${holder.by} on ${holder.from} since ${holder.since.replace(/\.\d+Z$/, "Z")}`
  return "message" in holder
    ? `${who}: ${holder.message}`
    : `${who} (${holder.what}, run ${holder.run})`
}
