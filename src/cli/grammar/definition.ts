import type { GraphFlags } from "../commands/graph.ts"
import type { InventoryViewFlags } from "../commands/inventory.ts"
import type { FormatFlags } from "../format.ts"
import type { CommandNode, CommandSpec } from "./command.ts"
import { onInventory, onSubject } from "./command.ts"
import { options } from "./options.ts"

const init: CommandSpec = {
  name: "init",
  about: "Write a commented inventory that validates.",
  arguments: [{ name: "dir", about: "folder to write, such as inventories/prod", required: true }],
  options: [],
  examples: [["lbctl init inventories/prod", "begin an inventory"]],
  run: async ([dir = ""]) => (await import("../commands/init.ts")).init(dir),
}

const docs: CommandSpec = {
  name: "docs",
  about: "Tell what a key of the YAML files means, in the words of the reference.",
  arguments: [
    {
      name: "key",
      about: "a key or the end of one, such as vrrp.advert_int; left out: all keys",
      required: false,
    },
  ],
  options: [options.json],
  examples: [
    ["lbctl docs services.web.scheduler", "what the scheduler may be"],
    ["lbctl docs advert_int", "a key by its end"],
  ],
  offline: true,
  run: async ([key], flags) => (await import("../commands/docs.ts")).docs(key, flags),
}

/** Commands that need the user's files only. */
export const definitionCommands: readonly CommandNode[] = [
  init,
  onInventory<FormatFlags>("validate", {
    about: "Check everything offline; print each problem with file, line, column and cure.",
    options: [options.format, options.json],
    examples: [
      ["lbctl validate inventories/prod", "before every commit"],
      ["lbctl validate --format github", "annotations on the lines of a pull request"],
    ],
    run: async (inventory, flags) =>
      (await import("../commands/validate.ts")).validate(inventory, flags),
  }),
  onInventory<InventoryViewFlags>("inventory", {
    about: "Show hosts, groups and variables as Ansible resolves them; any inventory will do.",
    options: [
      { flags: "--list", about: "JSON of all, as ansible-inventory --list prints it" },
      { flags: "--graph [group]", about: "the tree of groups and hosts" },
      { flags: "--vars", about: "with --graph: variables too" },
      { flags: "--hosts", about: "names of hosts, one a line" },
      { flags: "--host <name>", about: "JSON of one host's variables" },
      { flags: "--explain", about: "with --host: which file and line won each variable" },
      options.limit,
      options.json,
    ],
    examples: [
      ["lbctl inventory inventories/prod --graph", "who is in which group"],
      ["lbctl inventory inventories/prod --hosts -l 'web:!rs3'", "what a pattern means"],
      ["lbctl inventory inventories/prod --host rs1 --explain", "where a value comes from"],
    ],
    run: async (inventory, flags) =>
      (await import("../commands/inventory.ts")).inventory(inventory, flags),
  }),
  onInventory<{ limit?: string; output?: string }>("render", {
    about: "Render every host's files offline; the same input gives the same bytes.",
    options: [options.limit, options.output],
    examples: [
      ["lbctl render inventories/prod -l lb1", "print what lb1 would hold"],
      ["lbctl render inventories/prod -o /tmp/out", "one folder a host"],
    ],
    run: async (inventory, flags) =>
      (await import("../commands/render.ts")).render(inventory, flags),
  }),
  onSubject<{ json?: true }>("explain", {
    subject: ["target", "HOST, SERVICE, HOST:/PATH or HOST:/PATH:LINE"],
    about: "Tell why it is so: the files and lines that a thing on a host comes from.",
    options: [options.json],
    examples: [
      ["lbctl explain rs3", "all that rs3 holds, and who says so"],
      ["lbctl explain web", "where a service and its weights are written"],
      ["lbctl explain lb1:/etc/keepalived/keepalived.conf:42", "whence a line is"],
    ],
    run: async (subject, inventory, flags) =>
      (await import("../commands/explain.ts")).explain(subject, inventory, flags),
  }),
  onInventory<GraphFlags>("graph", {
    about: "Draw the fleet: directors, clusters, services and real servers.",
    options: [
      options.limit,
      {
        flags: "--format <format>",
        about: "for Markdown pages, Graphviz, machines",
        fallback: "mermaid",
        choices: ["mermaid", "dot", "json"],
      },
    ],
    examples: [
      ["lbctl graph inventories/prod >fleet.mmd", "a diagram for a Markdown page"],
      ["lbctl graph --format dot | dot -Tsvg >fleet.svg", "a picture by Graphviz"],
      ["lbctl graph inventories/prod -l rs3", "what a real server has a part in"],
    ],
    run: async (inventory, flags) => (await import("../commands/graph.ts")).graph(inventory, flags),
  }),
  docs,
]
