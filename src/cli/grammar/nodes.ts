import type { ChoiceFlags } from "../chosen.ts"
import type { AcquireFlags, ReleaseFlags } from "../commands/lock.ts"
import type { DoctorFlags } from "../commands/doctor.ts"
import type { ScriptFlags } from "../commands/realserver-script.ts"
import type { PruneFlags } from "../commands/realserver-prune.ts"
import type { ApplyFlags } from "../flags.ts"
import type { CommandNode } from "./command.ts"
import { onInventory, onSubject } from "./command.ts"
import { applyOptions, options } from "./options.ts"

const lock = () => import("../commands/lock.ts")
const load = () => import("../commands/realserver.ts")

/** Commands on the parts of nodes: real servers' loopbacks, directors' agents. */
export const nodeCommands: readonly CommandNode[] = [
  onInventory<DoctorFlags>("doctor", {
    about: "Look for what is wrong or risky on hosts, say why, and how to mend it.",
    options: [options.limit, options.fix, options.yes, options.json],
    examples: [
      ["lbctl doctor inventories/prod", "what breaks LVS fleets, host by host; exit 2"],
      ["lbctl doctor inventories/prod --fix", "apply where that is the cure, then look again"],
    ],
    run: async (inventory, flags) =>
      (await import("../commands/doctor.ts")).doctor(inventory, flags, {
        confirmTimeout: options.confirmTimeout.fallback,
        lockWait: options.lockWait.fallback,
        hookTimeout: options.hookTimeout.fallback,
        hooks: true,
      }),
  }),
  {
    name: "realserver",
    about: "The real-server side alone: VIPs on the loopback, ARP sysctls.",
    commands: [
      onInventory<ApplyFlags>("setup", {
        about: "Set up real servers, and nothing else.",
        options: applyOptions,
        examples: [["lbctl realserver setup inventories/prod -l rs9", "a new real server"]],
        run: async (inventory, flags) => (await load()).setup(inventory, flags),
      }),
      onInventory<ApplyFlags>("teardown", {
        about: "Drain real servers, take their VIPs away and put prior values back.",
        options: applyOptions,
        examples: [["lbctl realserver teardown inventories/prod -l rs3", "before rs3 leaves"]],
        run: async (inventory, flags) => (await load()).teardown(inventory, flags),
      }),
      onInventory<ChoiceFlags>("status", {
        about: "Show what each real server holds: started, partial or stopped per VIP.",
        options: [options.limit, options.json],
        examples: [["lbctl realserver status inventories/prod", "a table of hosts and VIPs"]],
        run: async (inventory, flags) => (await load()).status(inventory, flags),
      }),
      onInventory<ChoiceFlags>("verify", {
        about:
          "Prove that the master alone has each VIP on the wire, and that real servers answer on it.",
        options: [options.limit, options.json],
        examples: [
          ["lbctl realserver verify inventories/prod", "one MAC for every VIP, and who answers"],
          ["lbctl realserver verify inventories/prod -l rs9", "before rs9 is pooled"],
        ],
        run: async (inventory, flags) =>
          (await import("../commands/realserver-verify.ts")).verify(inventory, flags),
      }),
      {
        ...onSubject<ScriptFlags>("script", {
          about:
            "Print the script that sets a real server up by hand, for hosts lbctl does not log in to.",
          subject: ["host", "a host of the inventory"],
          options: [options.system],
          examples: [
            ["lbctl realserver script rs8 inventories/prod > lvs-real", "for sh, on Linux"],
            [
              "lbctl realserver script rs9 inventories/prod --system windows > lvs-real.cmd",
              "a batch file",
            ],
          ],
          run: async (host, inventory, flags) =>
            (await import("../commands/realserver-script.ts")).script(host, inventory, flags),
        }),
        offline: true,
      },
      onInventory<PruneFlags>("prune", {
        about:
          "Take VIPs away that others left on the loopbacks of real servers; say what would bring them back.",
        options: [...applyOptions, options.foreign],
        examples: [
          ["lbctl realserver prune inventories/prod", "show what is left, ask, take it away"],
          [
            "lbctl realserver prune inventories/prod -l rs3 --foreign 198.51.100.9",
            "an address that no service of the fleet has",
          ],
        ],
        run: async (inventory, flags) =>
          (await import("../commands/realserver-prune.ts")).prune(inventory, flags),
      }),
    ],
  },
  {
    name: "lock",
    about: "The lock that keeps others from changing hosts.",
    commands: [
      onInventory<ChoiceFlags>("status", {
        about: "Show who has the lock of which hosts, since when, from where and for what.",
        options: [options.limit, options.json],
        examples: [["lbctl lock status inventories/prod", "before a maintenance window"]],
        run: async (inventory, flags) => (await lock()).lockStatus(inventory, flags),
      }),
      onInventory<AcquireFlags>("acquire", {
        about: "Keep everybody from changing hosts until lbctl lock release.",
        options: [options.message, options.limit, options.json],
        examples: [
          [
            "lbctl lock acquire inventories/prod -m 'switch work until 04:00'",
            "all hosts, or none",
          ],
        ],
        run: async (inventory, flags) => (await lock()).lockAcquire(inventory, flags),
      }),
      onInventory<ReleaseFlags>("release", {
        about: "Lift a lock of yours; with --force anybody's, and that of a run.",
        options: [options.force, options.limit, options.json],
        examples: [["lbctl lock release inventories/prod", "after the maintenance"]],
        run: async (inventory, flags) => (await lock()).lockRelease(inventory, flags),
      }),
    ],
  },
  {
    name: "agent",
    about: "The agent on directors.",
    commands: [
      onInventory<ChoiceFlags>("install", {
        about:
          "Bring lbagent (and a Node runtime where there is none) to directors, without starting it.",
        options: [options.limit, options.json],
        examples: [["lbctl agent install inventories/prod", "ahead of a change window"]],
        run: async (inventory, flags) =>
          (await import("../commands/agent.ts")).agentInstall(inventory, flags),
      }),
    ],
  },
]
