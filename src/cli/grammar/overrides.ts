import type { SetFlags } from "../commands/override.ts"
import type { PriorityFlags } from "../commands/set-priority.ts"
import type { LiftFlags, ResumeFlags } from "../commands/lift.ts"
import type { CommandSpec, OptionSpec } from "./command.ts"
import { onSubject, onSubjects } from "./command.ts"
import { options } from "./options.ts"

const set = () => import("../commands/override.ts")
const lift = () => import("../commands/lift.ts")
const target = ["target", "HOST, SERVICE or HOST:SERVICE"] as const

const lifting: readonly OptionSpec[] = [options.service, options.by]
const setting: readonly OptionSpec[] = [
  options.service,
  options.reason,
  options.by,
  options.forTime,
  options.until,
  options.allow,
]

/** Commands that say at run time which real servers serve, and which director. */
export const overrideCommands: readonly CommandSpec[] = [
  onSubject<SetFlags>("drain", {
    subject: target,
    about: "Let real servers keep their connections and get no new ones, until resumed.",
    options: [...setting, options.wait],
    examples: [
      ["lbctl drain rs3 inventories/prod -r 'kernel update' -w 5m", "all services of rs3"],
      ["lbctl drain rs3:web inventories/prod --for 2h", "one service of it, for two hours"],
    ],
    run: async (name, inventory, flags) =>
      (await set()).setOverride({ action: "drain" }, name, inventory, flags),
  }),
  onSubject<ResumeFlags>("resume", {
    subject: target,
    about: "Lift a drain.",
    options: [...lifting, options.ramp],
    examples: [
      ["lbctl resume rs3 inventories/prod", "rs3 takes new connections again"],
      ["lbctl resume rs3 inventories/prod --ramp 5m", "first a few, in five minutes its share"],
    ],
    run: async (name, inventory, flags) =>
      (await lift()).liftOverride("drain", name, inventory, flags),
  }),
  onSubject<SetFlags>("disable", {
    subject: target,
    about: "Take real servers out at once, with their connections; or serve nobody by a service.",
    options: setting,
    examples: [
      ["lbctl disable rs3 inventories/prod -r 'answers nonsense'", "out of all services"],
      ["lbctl disable shop inventories/prod --allow last-server", "the service named shop"],
    ],
    run: async (name, inventory, flags) =>
      (await set()).setOverride({ action: "disable" }, name, inventory, flags),
  }),
  onSubject<LiftFlags>("enable", {
    subject: target,
    about: "Lift a disable.",
    options: lifting,
    examples: [["lbctl enable rs3 inventories/prod", "as defined, or as drained, again"]],
    run: async (name, inventory, flags) =>
      (await lift()).liftOverride("disable", name, inventory, flags),
  }),
  onSubjects<SetFlags>("weight", {
    subjects: [target, ["weight", "0 to 65535; default lifts what was set"]],
    about: "Give real servers another weight than the defined one.",
    options: setting,
    examples: [
      ["lbctl weight rs3:web 10 inventories/prod --until 18:30", "until this evening"],
      ["lbctl weight rs3:web default inventories/prod", "as defined again"],
    ],
    run: async ([name = "", number = ""], inventory, flags) =>
      (await import("../commands/weight.ts")).weight(name, number, inventory, flags),
  }),
  onSubjects<PriorityFlags>("set-priority", {
    subjects: [
      ["host", "a director"],
      ["priority", "1 to 254; default lifts what was set"],
    ],
    about: "Give a director another VRRP priority than the defined one.",
    options: [options.ownCluster, options.reason, options.by, options.forTime, options.until],
    examples: [
      ["lbctl set-priority lb1 50 inventories/prod --for 2h -r 'fan is loud'", "behind its peer"],
      ["lbctl set-priority lb1 default inventories/prod", "as defined again"],
    ],
    run: async ([host = "", number = ""], inventory, flags) =>
      (await import("../commands/set-priority.ts")).setPriority(host, number, inventory, flags),
  }),
]
