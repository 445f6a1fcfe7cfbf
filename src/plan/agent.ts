import type { Bundle } from "../model/bundle.ts"
import type { Change, HostPlan } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"

/** What has to be brought to a director before its bundle can be applied. */
export function planInstall(bundle: Bundle, observed: Observed): HostPlan["install"] {
  if (bundle.agent === undefined) return undefined
  const runtime = observed.runtime === undefined
  if (observed.agents.includes(bundle.agent) && !runtime) return undefined
  return { agent: bundle.agent, runtime }
}

/** The installation in words. */
export function installChanges(install: HostPlan["install"]): Change[] {
  if (install === undefined) return []
  return [
    {
      kind: "agent",
      action: "add",
      subject: `lbagent ${install.agent.slice(0, 12)}`,
      meaning: install.runtime ? "install, with a Node runtime (the host has none)" : "install",
      risk: "none",
    },
  ]
}
