import type { FailoverFlags } from "../commands/failover.ts"
import type { TopFlags } from "../commands/top.ts"
import type { CommandNode } from "./command.ts"
import { onInventory, onSubject } from "./command.ts"
import { options } from "./options.ts"
import { overrideCommands } from "./overrides.ts"
import { showCommands } from "./show.ts"

/** Commands on what runs now. */
export const runtimeCommands: readonly CommandNode[] = [
  showCommands,
  onInventory<TopFlags>("top", {
    about: "Services and real servers, the busiest first, again and again; q ends it.",
    options: [
      options.interval,
      options.sort,
      options.once,
      options.cluster,
      options.limit,
      options.json,
    ],
    examples: [
      ["lbctl top inventories/prod", "every two seconds, until q or Ctrl-C"],
      ["lbctl top inventories/prod --sort active --once", "one table, by active connections"],
      ["lbctl top inventories/prod --json --interval 10s", "a line of JSON every ten seconds"],
    ],
    run: async (inventory, flags) => (await import("../commands/top.ts")).top(inventory, flags),
  }),
  ...overrideCommands,
  onSubject<FailoverFlags>("failover", {
    subject: ["cluster", "a cluster's name in clusters.yml"],
    about: "Hand VRRP over to a backup director.",
    options: [options.reason, options.by, options.yes],
    examples: [["lbctl failover tokyo inventories/prod", "before work on the master"]],
    run: async (name, inventory, flags) =>
      (await import("../commands/failover.ts")).failover(name, inventory, flags),
  }),
]
