import type { Notice } from "../../model/plan.ts"
import type { HostInput } from "../host.ts"
import { addressChecks } from "./addresses.ts"
import { clusterChecks } from "./cluster.ts"
import { keepalivedChecks } from "./keepalived.ts"

/** The doctor's checks that a plan makes as well, from what it has looked at anyway. */
export const earlyChecks = [...addressChecks, ...keepalivedChecks, ...clusterChecks].flatMap(
  ({ id, early }) => (early === undefined ? [] : [{ id, early }]),
)

/** What they find, each with its cure; an apply does not mend it. */
export function earlyNotices(inputs: readonly HostInput[]): Notice[] {
  const ward = { patients: inputs.map((input) => ({ input })) }
  return earlyChecks.flatMap(({ id, early }) =>
    early(ward).map(({ host, message, cure }) => ({
      host,
      message,
      hint: `${cure} (${id} of lbctl doctor)`,
    })),
  )
}
