import type { Change, Operation } from "../model/plan.ts"

/** One change with what the node script does for it; nothing when the agent or a handler does it. */
export interface Planned {
  readonly change: Change
  readonly operation?: Operation
}
