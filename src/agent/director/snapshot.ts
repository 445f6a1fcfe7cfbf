import { toFailure } from "../../core/failure.ts"
import type { AgentStatus } from "../../model/agent-status.ts"
import type { HeldMarks } from "../../model/mark-rules.ts"

/** The table of the kernel with what it counted and waits for. */
export type HeldTable = Pick<AgentStatus, "table" | "counters" | "services" | "timeouts">

/** What the kernel holds of a director, as far as it answers: what cannot be read is missing, and the reason among the warnings. */
export function snapshot(
  readTable: () => HeldTable,
  readMarks: () => HeldMarks | undefined,
  warnings: string[],
): HeldTable & Pick<AgentStatus, "marks"> {
  const held = orWarning(readTable, warnings) ?? { table: [], counters: [], services: [] }
  const marks = orWarning(readMarks, warnings)
  return { ...held, ...(marks === undefined ? {} : { marks }) }
}

function orWarning<T>(read: () => T, warnings: string[]): T | undefined {
  try {
    return read()
  } catch (thrown) {
    warnings.push(toFailure(thrown).message)
    return undefined
  }
}
