import { canonicalJson } from "../core/digest.ts"
import type { DirectorState } from "../model/desired.ts"

/** The agent's desired state as /etc/lbctl/agent.json holds it: sorted keys, one blank of indentation, so that equal states have equal bytes. */
export function agentStateText(state: DirectorState): string {
  return `${canonicalJson(state, 1)}\n`
}
