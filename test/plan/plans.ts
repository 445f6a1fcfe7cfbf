import type { Change, HostPlan, Plan } from "../../src/model/plan.ts"

/** A change that gives a real server its VIP, but for what a test names. */
export function change(parts: Partial<Change> = {}): Change {
  return {
    kind: "address",
    action: "add",
    subject: "10.77.0.100/32",
    meaning: "on lo",
    risk: "none",
    ...parts,
  }
}

/** A step of a real server that gains, but for what a test names. */
export function hostPlan(parts: Partial<HostPlan> = {}): HostPlan {
  return {
    host: "rs1",
    phase: "gain",
    release: "0123456789abcdef",
    changes: [change()],
    operations: [],
    gainedVips: [],
    awaitDrained: [],
    directors: [],
    dependsOn: [],
    retains: { files: [], sysctls: [], addresses: [], units: [], linksUp: [] },
    ...parts,
  }
}

export const emptyPlan: Plan = {
  hosts: [],
  unchanged: [],
  unreachable: [],
  blocked: [],
  guards: [],
  warnings: [],
}
