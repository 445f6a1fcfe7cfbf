import { accessRules } from "./access.ts"
import { backendRules } from "./backends.ts"
import { checkRules } from "./checks.ts"
import { durationRules } from "./durations.ts"
import { httpCheckRules } from "./http-checks.ts"
import { fwmarkRules } from "./fwmarks.ts"
import { hostAddressRules } from "./host-addresses.ts"
import { ipvsKernelRules } from "./ipvs-kernel.ts"
import { keepalivedGlobalRules } from "./keepalived-global.ts"
import { keepalivedVrrpRules } from "./keepalived-vrrp.ts"
import { lossRules } from "./loss.ts"
import { keepalivedRules } from "./keepalived.ts"
import { syncGroupRules } from "./sync-groups.ts"
import { quorumRules } from "./quorum.ts"
import { rolloutRules } from "./rollout.ts"
import type { Rule } from "./rule.ts"
import { schedulerRules } from "./schedulers.ts"
import { slowStartRules } from "./slow-start.ts"
import { sorryServerRules } from "./sorry-server.ts"
import { syncRules } from "./sync.ts"
import { systemRules } from "./systems.ts"
import { unmanagedRules } from "./unmanaged.ts"
import { vipRules } from "./vips.ts"
import { vrrpRules } from "./vrrp.ts"

/** Every rule on a fleet. */
export const rules: readonly Rule[] = [
  ...vipRules,
  ...hostAddressRules,
  ...systemRules,
  ...unmanagedRules,
  ...vrrpRules,
  ...syncRules,
  ...ipvsKernelRules,
  ...schedulerRules,
  ...fwmarkRules,
  ...backendRules,
  ...sorryServerRules,
  ...quorumRules,
  ...lossRules,
  ...slowStartRules,
  ...checkRules,
  ...httpCheckRules,
  ...durationRules,
  ...keepalivedRules,
  ...keepalivedVrrpRules,
  ...keepalivedGlobalRules,
  ...syncGroupRules,
  ...rolloutRules,
  ...accessRules,
]
