import type { Problem, SourceRef } from "../core/problem.ts"
import type { InventoryHost } from "../schema/documents.ts"
import { hostVariables } from "./host-variables.ts"

/** Where the inventory says `lbctl_managed: false` of a host, in any spelling that Ansible takes. Problems: connection-value. */
export function unmanagedPlace(source: InventoryHost): {
  readonly unmanaged?: SourceRef
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const variables = hostVariables(source, problems)
  const managed = variables.flag("lbctl_managed", true) || problems.length > 0
  return managed ? { problems } : { unmanaged: variables.at("lbctl_managed"), problems }
}
