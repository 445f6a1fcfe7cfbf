import type { CommandNode } from "./command.ts"
import { onSubject } from "./command.ts"
import { options } from "./options.ts"
import { overrideCommands } from "./overrides.ts"
import { showCommands } from "./show.ts"

/** Commands on what runs now. */
export const runtimeCommands: readonly CommandNode[] = [
  showCommands,
  ...overrideCommands,
  onSubject<{ yes?: true }>("failover", {
    subject: ["cluster", "a cluster's name in clusters.yml"],
    about: "Hand VRRP over to a backup director.",
    options: [options.yes],
    examples: [["lbctl failover tokyo inventories/prod", "before work on the master"]],
    run: async (name, inventory, flags) =>
      (await import("../commands/failover.ts")).failover(name, inventory, flags),
  }),
]
