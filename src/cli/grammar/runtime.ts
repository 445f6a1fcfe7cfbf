import type { ChoiceFlags } from "../chosen.ts"
import type { CommandNode, CommandSpec } from "./command.ts"
import { onInventory, onSubject } from "./command.ts"
import { options } from "./options.ts"

const show = () => import("../commands/show.ts")
const override = () => import("../commands/override.ts")
const target = ["target", "HOST, or HOST:SERVICE"] as const

const savedPlan: CommandSpec = {
  name: "plan",
  about: "A saved plan again, as lbctl plan showed it.",
  arguments: [{ name: "file", about: "what lbctl plan --out wrote", required: true }],
  options: [options.format, options.json],
  offline: true,
  examples: [
    ["lbctl show plan p.json", "before lbctl apply p.json"],
    ["lbctl show plan p.json --format markdown", "a comment of a pull request"],
  ],
  run: async ([file = ""], flags) =>
    (await import("../commands/show-plan.ts")).showPlan(file, flags),
}

/** Commands on what runs now. */
export const runtimeCommands: readonly CommandNode[] = [
  {
    name: "show",
    about: "What runs now, and what is planned.",
    commands: [
      onInventory<ChoiceFlags>("nodes", {
        about: "Every host: role, release, VRRP state, VIPs.",
        options: [options.limit, options.json],
        examples: [["lbctl show nodes inventories/prod", "who is master, which release"]],
        run: async (inventory, flags) => (await show()).show("nodes", undefined, inventory, flags),
      }),
      onInventory<ChoiceFlags>("vservers", {
        about: "Every virtual service as its director holds it.",
        options: [options.limit, options.json],
        examples: [["lbctl show vservers inventories/prod", "all services and their counters"]],
        run: async (inventory, flags) =>
          (await show()).show("vservers", undefined, inventory, flags),
      }),
      onInventory<ChoiceFlags>("backends", {
        about: "Every real server: health, weight, connections.",
        options: [options.limit, options.json],
        examples: [["lbctl show backends inventories/prod -l rs3", "one real server"]],
        run: async (inventory, flags) =>
          (await show()).show("backends", undefined, inventory, flags),
      }),
      onSubject<ChoiceFlags>("vserver", {
        subject: ["name", "a service's name in services/*.yml"],
        about: "One virtual service with its real servers on every director.",
        options: [options.limit, options.json],
        examples: [["lbctl show vserver web inventories/prod", "the service named web"]],
        run: async (name, inventory, flags) =>
          (await show()).show("vserver", name, inventory, flags),
      }),
      savedPlan,
    ],
  },
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
