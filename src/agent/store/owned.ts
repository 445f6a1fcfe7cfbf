import { flag, list, object, oneOf, parseShape, text, whole } from "../../core/shape.ts"
import type { IpvsTimeouts } from "../../model/ipvs.ts"

/** What of the kernel the agent made or adopted: on disk before it is made, so that a crash forgets nothing. */
export interface OwnedRecord {
  readonly format: 1
  /** serviceName. */
  readonly services: readonly string[]
  /** The agent runs the connection synchronisation daemons. */
  readonly syncDaemons: boolean
  /** The kernel's timeouts before the agent changed them, seconds. */
  readonly timeouts?: Partial<IpvsTimeouts>
  /** The address families in which the agent has a chain of marking rules. */
  readonly marks?: readonly (4 | 6)[]
  /** serviceName of those that the definition in force has keepalived make. */
  readonly keepalived?: readonly string[]
}

/** When the agent never did anything. */
export const ownsNothing: OwnedRecord = { format: 1, services: [], syncDaemons: false }

const seconds = whole(0, 0x7fffffff)
const record = object<OwnedRecord>(
  {
    format: oneOf(1),
    services: list(text()),
    syncDaemons: flag,
    timeouts: object<Partial<IpvsTimeouts>>({ tcp: seconds, tcpFin: seconds, udp: seconds }, [
      "tcp",
      "tcpFin",
      "udp",
    ]),
    marks: list(oneOf(4, 6)),
    keepalived: list(text()),
  },
  ["timeouts", "marks", "keepalived"],
)

/** The record from the text of its file; undefined when it is damaged. */
export function parseOwned(file: string): OwnedRecord | undefined {
  return parseShape(record, file) as OwnedRecord | undefined
}
