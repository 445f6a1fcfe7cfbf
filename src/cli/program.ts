import { Command, CommanderError, Option } from "commander"
import { packageVersion } from "./assets.ts"
import type { ChoiceFlags } from "./chosen.ts"
import { exitCodes } from "./exit.ts"
import type { ApplyFlags, PlanFlags } from "./flags.ts"

/** Takes the exit code of the command that ran. */
type Ended = (code: number) => void

const after = `
INVENTORY is a folder such as inventories/prod, or its hosts.yml. It may be left
out where LBCTL_INVENTORY names it or inventories/ holds just one.

Examples:
  lbctl init inventories/prod      write a commented starting point
  lbctl plan inventories/prod      show what would change, and where
  lbctl apply inventories/prod     make it so
  lbctl drain rs3:web              take a real server out softly

Exit codes: 0 done, 1 failed, 2 changes (with --detailed-exitcode), 3 bad input,
4 unreachable, 5 stale, 6 locked, 7 reverted, 8 partial, 9 guarded,
130 interrupted`

/**
 * Parses a command line and runs its command; returns the exit code, that of bad usage for what is no command line of lbctl.
 * Throws what the command throws.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done
  try {
    await commandTree((result) => (code = result)).parseAsync(argv)
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? exitCodes.done : exitCodes.input
  }
}

/** Each command's code is loaded only when it runs, so that help comes at once. */
function commandTree(ended: Ended): Command {
  const program = new Command("lbctl")
    .description("Deploys Linux Virtual Server fleets: plan, apply, verify, revert.")
    .version(packageVersion())
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .exitOverride()
    .showHelpAfterError("(lbctl COMMAND --help shows its options)")
    .addHelpText("after", after)
  addDefinitionCommands(program, ended)
  addRolloutCommands(program, ended)
  addRealserverCommands(program, ended)
  addAgentCommands(program, ended)
  addShowCommands(program, ended)
  addRuntimeCommands(program, ended)
  return program
}

function addDefinitionCommands(program: Command, ended: Ended): void {
  program
    .command("init")
    .argument("<dir>", "folder to write, such as inventories/prod")
    .description("Write a commented inventory that validates.")
    .action(async (dir: string) => ended(await (await import("./commands/init.ts")).init(dir)))
  onInventory<ChoiceFlags>(program, "validate", {
    about: "Check everything offline; print each problem with file, line, column and cure.",
    options: [options.json],
    run: async (inventory, flags) =>
      ended(await (await import("./commands/validate.ts")).validate(inventory, flags)),
  })
  onInventory<{ limit?: string; output?: string }>(program, "render", {
    about: "Render every host's files offline; the same input gives the same bytes.",
    options: [options.limit, options.output],
    run: async (inventory, flags) =>
      ended(await (await import("./commands/render.ts")).render(inventory, flags)),
  })
}

function addRolloutCommands(program: Command, ended: Ended): void {
  onInventory<PlanFlags>(program, "plan", {
    about: "Show what an apply would change on every host, at what risk and in which order.",
    options: [options.limit, options.diff, options.detailedExitcode, options.json],
    run: async (inventory, flags) =>
      ended(await (await import("./commands/plan.ts")).plan(inventory, flags)),
  })
  onInventory<ApplyFlags>(program, "apply", {
    about: "Plan, ask, roll out in order, confirm, verify; a node that is not confirmed reverts.",
    options: [...applyOptions, options.diff],
    run: async (inventory, flags) =>
      ended(await (await import("./commands/apply.ts")).apply(inventory, flags)),
  })
}

function addRealserverCommands(program: Command, ended: Ended): void {
  const realserver = program
    .command("realserver")
    .description("The real-server side alone: VIPs on the loopback, ARP sysctls.")
  const load = () => import("./commands/realserver.ts")
  onInventory<ApplyFlags>(realserver, "setup", {
    about: "Set up real servers, and nothing else.",
    options: applyOptions,
    run: async (inventory, flags) => ended(await (await load()).setup(inventory, flags)),
  })
  onInventory<ApplyFlags>(realserver, "teardown", {
    about: "Drain real servers, take their VIPs away and put prior values back.",
    options: applyOptions,
    run: async (inventory, flags) => ended(await (await load()).teardown(inventory, flags)),
  })
  onInventory<ChoiceFlags>(realserver, "status", {
    about: "Show what each real server holds: started, partial or stopped per VIP.",
    options: [options.limit, options.json],
    run: async (inventory, flags) => ended(await (await load()).status(inventory, flags)),
  })
  onInventory<ChoiceFlags>(realserver, "verify", {
    about: "Prove from the directors that no real server answers ARP or ND for a VIP.",
    options: [options.limit, options.json],
    run: async (inventory, flags) => ended(await (await load()).verify(inventory, flags)),
  })
}

function addAgentCommands(program: Command, ended: Ended): void {
  onInventory<ChoiceFlags>(
    program.command("agent").description("The agent on directors."),
    "install",
    {
      about:
        "Bring lbagent (and a Node runtime where there is none) to directors, without starting it.",
      options: [options.limit, options.json],
      run: async (inventory, flags) =>
        ended(await (await import("./commands/agent.ts")).agentInstall(inventory, flags)),
    },
  )
}

function addShowCommands(program: Command, ended: Ended): void {
  const show = program.command("show").description("What runs now.")
  const load = () => import("./commands/show.ts")
  const tables = {
    nodes: "Every host: role, release, VRRP state, VIPs.",
    vservers: "Every virtual service as its director holds it.",
    backends: "Every real server: health, weight, connections.",
  } as const
  for (const subject of ["nodes", "vservers", "backends"] as const) {
    onInventory<ChoiceFlags>(show, subject, {
      about: tables[subject],
      options: [options.limit, options.json],
      run: async (inventory, flags) =>
        ended(await (await load()).show(subject, undefined, inventory, flags)),
    })
  }
  onSubject<ChoiceFlags>(show, "vserver", {
    subject: ["name", "a service's name in services/*.yml"],
    about: "One virtual service with its real servers on every director.",
    options: [options.limit, options.json],
    run: async (name, inventory, flags) =>
      ended(await (await load()).show("vserver", name, inventory, flags)),
  })
}

function addRuntimeCommands(program: Command, ended: Ended): void {
  const load = () => import("./commands/override.ts")
  const target = ["target", "HOST, or HOST:SERVICE"] as const
  onSubject<{ reason?: string; wait?: string }>(program, "drain", {
    subject: target,
    about: "Let a real server keep its connections and get no new ones, until it is resumed.",
    options: [options.reason, options.wait],
    run: async (name, inventory, flags) =>
      ended(await (await load()).drain(name, inventory, flags)),
  })
  onSubject<object>(program, "resume", {
    subject: target,
    about: "Lift a drain.",
    options: [],
    run: async (name, inventory) => ended(await (await load()).resume(name, inventory)),
  })
  onSubject<{ yes?: true }>(program, "failover", {
    subject: ["cluster", "a cluster's name in clusters.yml"],
    about: "Hand VRRP over to a backup director.",
    options: [options.yes],
    run: async (name, inventory, flags) =>
      ended(await (await import("./commands/failover.ts")).failover(name, inventory, flags)),
  })
}

/** Makes an option; each command needs its own. */
type MakeOption = () => Option

const options = {
  limit: () =>
    new Option("-l, --limit <pattern>", "only these hosts: names, groups, globs; ! leaves out"),
  json: () => new Option("--json", "print JSON for machines"),
  yes: () => new Option("-y, --yes", "do not ask"),
  diff: () => new Option("-d, --diff", "show file contents before and after"),
  detailedExitcode: () => new Option("--detailed-exitcode", "exit 2 when there are changes"),
  output: () => new Option("-o, --output <dir>", "write DIR/HOST/PATH instead of printing"),
  allow: () =>
    new Option("--allow <guards>", "let the plan pass these guards (comma between them)"),
  confirmTimeout: () =>
    new Option(
      "--confirm-timeout <duration>",
      "a node reverts unless confirmed within this time",
    ).default("30s"),
  reason: () => new Option("-r, --reason <text>", "shown by plan and show"),
  wait: () =>
    new Option("-w, --wait <duration>", "wait until its connections are gone, so long at most"),
} satisfies Readonly<Record<string, MakeOption>>

const applyOptions = [
  options.limit,
  options.yes,
  options.allow,
  options.confirmTimeout,
  options.json,
]

/** A command whose last argument is the inventory. */
function onInventory<F>(
  parent: Command,
  name: string,
  command: {
    readonly about: string
    readonly options: readonly MakeOption[]
    readonly run: (inventory: string | undefined, flags: F) => Promise<void>
  },
): void {
  const made = parent.command(name).argument("[inventory]").description(command.about)
  for (const make of command.options) made.addOption(make())
  made.action(command.run)
}

/** A command on one thing of an inventory. */
function onSubject<F>(
  parent: Command,
  name: string,
  command: {
    readonly subject: readonly [name: string, about: string]
    readonly about: string
    readonly options: readonly MakeOption[]
    readonly run: (subject: string, inventory: string | undefined, flags: F) => Promise<void>
  },
): void {
  const [subject, about] = command.subject
  const made = parent
    .command(name)
    .argument(`<${subject}>`, about)
    .argument("[inventory]")
    .description(command.about)
  for (const make of command.options) made.addOption(make())
  made.action(command.run)
}
