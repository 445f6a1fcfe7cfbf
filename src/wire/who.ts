/** Who changes a host, for its lock and its history. */
export interface Who {
  /** Operator: `alice`. */
  readonly by: string
  /** The controller's host name. */
  readonly from: string
  /** When the run began, ISO 8601 in UTC. */
  readonly since: string
  /** Git commit of the inventory, when it has one. */
  readonly commit?: string
  /** One word for all that one run of lbctl does on all its hosts; new for every run. */
  readonly run: string
  /** What the run does: `apply`, `rollback`, `setup`, `teardown`. */
  readonly what: string
}
