import { join } from "node:path"

/** Where the agent keeps its things. */
export interface AgentPaths {
  /** The desired state, rendered by lbctl. */
  readonly desired: string
  readonly socket: string
  readonly overrides: string
  readonly owned: string
  readonly health: string
  readonly drains: string
  /** One tracked file for each VRRP instance. */
  readonly trackFolder: string
  /** For each instance the part of that number which is no demotion: what an operator's priority adds. */
  readonly trackBaseFolder: string
  readonly keepalivedPids: readonly string[]
  /** What the VRRP process remembers as long as the kernel runs: gone after a boot, as the addresses are. */
  readonly vrrpMemory: string
  /** Of keepalived's process that programs IPVS and checks health. */
  readonly checkerPids: readonly string[]
  readonly groups: string
}

/** The paths below `root`: `/`, or what LBAGENT_ROOT names (a scratch folder in tests). */
export function agentPaths(root: string): AgentPaths {
  const state = join(root, "var/lib/lbctl/agent")
  return {
    desired: join(root, "etc/lbctl/agent.json"),
    socket: join(root, "run/lbctl/agent.sock"),
    overrides: join(state, "overrides.json"),
    owned: join(state, "owned.json"),
    health: join(state, "health.json"),
    drains: join(state, "drains.json"),
    trackFolder: join(state, "vrrp"),
    trackBaseFolder: join(state, "vrrp-base"),
    keepalivedPids: [join(root, "run/keepalived.pid"), join(root, "run/keepalived/keepalived.pid")],
    vrrpMemory: join(root, "run/lbctl/vrrp"),
    checkerPids: [join(root, "run/checkers.pid"), join(root, "run/keepalived/checkers.pid")],
    groups: join(root, "etc/group"),
  }
}

/** `agentPaths` of this process. */
export function ownPaths(): AgentPaths {
  return agentPaths(process.env["LBAGENT_ROOT"] ?? "/")
}
