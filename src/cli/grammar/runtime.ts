import type { CommandNode } from "./command.ts"
import { onSubject } from "./command.ts"
import { options } from "./options.ts"
import { showCommands } from "./show.ts"

const override = () => import("../commands/override.ts")
const target = ["target", "HOST, or HOST:SERVICE"] as const

/** Commands on what runs now. */
export const runtimeCommands: readonly CommandNode[] = [
  showCommands,
  onSubject<{ reason?: string; wait?: string; allow?: string }>("drain", {
    subject: target,
    about: "Let a real server keep its connections and get no new ones, until it is resumed.",
    options: [options.reason, options.wait, options.allow],
    examples: [
      ["lbctl drain rs3 inventories/prod -r 'kernel update' -w 5m", "all services of rs3"],
      ["lbctl drain rs3:web inventories/prod", "one service of it"],
    ],
    run: async (name, inventory, flags) => (await override()).drain(name, inventory, flags),
  }),
  onSubject<object>("resume", {
    subject: target,
    about: "Lift a drain.",
    options: [],
    examples: [["lbctl resume rs3 inventories/prod", "rs3 takes new connections again"]],
    run: async (name, inventory, flags) => (await override()).resume(name, inventory, flags),
  }),
  onSubject<{ yes?: true }>("failover", {
    subject: ["cluster", "a cluster's name in clusters.yml"],
    about: "Hand VRRP over to a backup director.",
    options: [options.yes],
    examples: [["lbctl failover tokyo inventories/prod", "before work on the master"]],
    run: async (name, inventory, flags) =>
      (await import("../commands/failover.ts")).failover(name, inventory, flags),
  }),
]
