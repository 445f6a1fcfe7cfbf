import { parseShare } from "../core/share.ts"
import { defaultPolicy, type RolloutPolicy } from "../model/rollout.ts"
import type { Cluster as ClusterSource } from "../schema/clusters.gen.ts"
import { milliseconds } from "./defaults.ts"

/** `rollout` of a cluster with its defaults; Ansible's words with Ansible's meaning. */
export function compileRollout(source: ClusterSource["rollout"] = {}): RolloutPolicy {
  const { canary = [], soak } = source
  const { serial = [], max_fail_percentage: percent = 0, any_errors_fatal: fatal } = source
  return {
    ...defaultPolicy,
    canary,
    handover: source.handover ?? defaultPolicy.handover,
    soakMs: milliseconds(soak, defaultPolicy.soakMs),
    serial: serial.flatMap((size) => parseShare(String(size)) ?? []),
    maxFail: { percent: fatal === true ? 0 : percent },
  }
}
