import type { ShowFlags, Subject } from "../commands/show.ts"
import type { InventoryFlags } from "../inventories.ts"
import type { ConnectionFlags } from "../show/connections.ts"
import type { CommandGroup, CommandSpec, Example } from "./command.ts"
import { onInventory, onNamed } from "./command.ts"
import { options } from "./options.ts"

const show = () => import("../commands/show.ts")

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

/** What runs now, by subject; a name that fits one thing shows it in detail. */
export const showCommands: CommandGroup = {
  name: "show",
  about: "What runs now, and what is planned. Subjects may be shortened: lbctl sh vs.",
  abbreviated: true,
  commands: [
    about("nodes", "host", "Every host: role, release, VRRP state, VIPs; one in detail.", [
      ["lbctl show nodes inventories/prod", "who is master, which release"],
      ["lbctl show nodes lb1 inventories/prod", "all about lb1"],
    ]),
    about("vservers", "name", "Every virtual service with its traffic; one in detail.", [
      ["lbctl show vservers inventories/prod", "all services, as masters hold them"],
      ["lbctl show vservers web inventories/prod", "web and its real servers everywhere"],
    ]),
    about("backends", "host", "Every real server: health, weight, connections; one in detail.", [
      ["lbctl show backends inventories/prod", "health and weights"],
      ["lbctl show backends rs3 inventories/prod", "all that rs3 does, with its traffic"],
    ]),
    about("destinations", "destination", "Real servers in the kernels: weights and rates.", [
      ["lbctl show destinations web/ inventories/prod", "those of web"],
    ]),
    about("ha", "cluster", "VRRP: who is master of which cluster, since when; one in detail.", [
      ["lbctl show ha tokyo inventories/prod", "priorities, peers and VIPs of tokyo"],
    ]),
    about("vlans", "host", "VLAN interfaces of directors and what they carry.", [
      ["lbctl show vlans inventories/prod", "all directors"],
    ]),
    about("healthchecks", "name", "What is asked of real servers, and what they answer.", [
      ["lbctl show healthchecks web inventories/prod", "the checks of web"],
    ]),
    onInventory<ShowFlags & ConnectionFlags>("connections", {
      about: "Entries of the directors' connection tables.",
      options: [
        options.vip,
        options.server,
        options.client,
        options.most,
        options.cluster,
        options.limit,
        options.json,
      ],
      examples: [
        ["lbctl show connections inventories/prod --server 10.0.0.3:", "who is on a real server"],
      ],
      run: async (inventory, flags) => (await show()).showConnections(inventory, flags),
    }),
    about("overrides", "target", "What operators set: who, since when, until when, why, on whom.", [
      ["lbctl show overrides inventories/prod", "who drained what, and why"],
    ]),
    about("warnings", "host", "What is not well: agents, masters, releases, locks.", [
      ["lbctl show warnings inventories/prod", "nothing is good news"],
    ]),
    about("config", "host", "Which release each host has, and whether the definition differs.", [
      ["lbctl show config inventories/prod", "before lbctl plan"],
    ]),
    about("version", "host", "Versions of lbctl, agents, keepalived and kernels.", [
      ["lbctl show version inventories/prod", "who is behind"],
    ]),
    savedPlan,
  ],
}

function about(
  subject: Subject,
  noun: string,
  text: string,
  examples: readonly Example[],
): CommandSpec {
  return onNamed<ShowFlags & InventoryFlags>(subject, {
    named: [noun, "its name, or the beginning of it; all without one"],
    about: text,
    options: [options.cluster, options.limit, options.json],
    examples,
    run: async (words, flags) => (await show()).show(subject, words, flags),
  })
}
