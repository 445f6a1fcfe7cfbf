import type { DriftFlags } from "../commands/drift.ts"
import type { RollbackFlags } from "../commands/rollback.ts"
import type { HistoryFlags } from "../commands/history.ts"
import type { ApplyFlags, PlanFlags } from "../flags.ts"
import type { CommandNode } from "./command.ts"
import { onInventory, onTarget } from "./command.ts"
import { applyOptions, options } from "./options.ts"

/** Commands that compare the definition with the nodes, and change them. */
export const rolloutCommands: readonly CommandNode[] = [
  onInventory<PlanFlags>("plan", {
    about: "Show what an apply would change on every host, at what risk and in which order.",
    options: [
      options.limit,
      options.tags,
      options.skipTags,
      options.diff,
      options.out,
      options.detailedExitcode,
      options.noHooks,
      options.hookTimeout,
      options.format,
      options.json,
    ],
    examples: [
      ["lbctl plan inventories/prod --diff", "file contents too"],
      ["lbctl plan inventories/prod --out p.json", "then: lbctl apply p.json"],
      ["lbctl plan inventories/prod --detailed-exitcode", "exit 2 when there are changes"],
    ],
    run: async (inventory, flags) => (await import("../commands/plan.ts")).plan(inventory, flags),
  }),
  onTarget<ApplyFlags>("apply", {
    target: ["inventory", "an inventory, or a plan saved by lbctl plan --out"],
    about: "Plan, ask, roll out in order, confirm, verify; a node that is not confirmed reverts.",
    options: [
      ...applyOptions,
      options.tags,
      options.skipTags,
      options.handover,
      options.noHandover,
      options.diff,
    ],
    examples: [
      ["lbctl apply inventories/prod", "show the plan, ask, do it"],
      ["lbctl apply p.json", "exactly the plan that was saved, without a question"],
      ["lbctl apply inventories/prod -l rs3 --yes", "one host, without a question"],
      [
        "lbctl apply inventories/prod --canary rs1 --serial 10,25%",
        "rs1 first, watched; then 10 at a time, then a quarter",
      ],
    ],
    run: async (inventory, flags) => (await import("../commands/apply.ts")).apply(inventory, flags),
  }),
  onInventory<RollbackFlags>("rollback", {
    about: "Go back to past releases: same plan, guards, question, order and confirmation.",
    options: [...applyOptions, options.to, options.diff],
    examples: [
      ["lbctl rollback inventories/prod", "each host to its release before"],
      ["lbctl rollback inventories/prod --to 71b3", "as that run left the hosts"],
    ],
    run: async (inventory, flags) =>
      (await import("../commands/rollback.ts")).rollback(inventory, flags),
  }),
  onInventory<DriftFlags>("drift", {
    about: "Compare hosts with the releases they confirmed, for cron: exit 2 when they differ.",
    options: [options.limit, options.json],
    examples: [["lbctl drift inventories/prod", "what was changed by hand, or by a crash"]],
    run: async (inventory, flags) => (await import("../commands/drift.ts")).drift(inventory, flags),
  }),
  onInventory<HistoryFlags>("history", {
    about: "The runs that hosts remember, newest first, and the release each host has now.",
    options: [options.limit, options.number, options.run, options.json],
    examples: [
      ["lbctl history inventories/prod", "who changed what, and how it ended"],
      ["lbctl history inventories/prod --run 3f2a", "one run by host, step and change"],
    ],
    run: async (inventory, flags) =>
      (await import("../commands/history.ts")).history(inventory, flags),
  }),
]
