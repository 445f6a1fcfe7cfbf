import { Command, CommanderError, Option } from "commander"
import { toFailure } from "../core/failure.ts"
import type { ApplyFlags, PlanFlags } from "./flags.ts"
import { exitCodeOf, exitCodes } from "./exit.ts"
import { failureText, stackOf } from "./failure-text.ts"
import { complain, outliveClosedPipes } from "./output.ts"
import { packageVersion } from "./assets.ts"

/** How long what was given up on (a host that hangs) may hold up the end, milliseconds. */
const lingerMs = 2000

outliveClosedPipes()
process.exitCode = await main(process.argv)
setTimeout(() => process.exit(), lingerMs).unref()

/** Parses, runs one command, and turns whatever happens into an exit code (docs/exit-codes.md). */
async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done
  const program = commands((result) => (code = result))
  try {
    await program.parseAsync(argv)
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError)
      return thrown.exitCode === 0 ? exitCodes.done : exitCodes.input
    complain(failureText(thrown))
    if (process.env["LBCTL_DEBUG"] !== undefined) complain(stackOf(thrown))
    return exitCodeOf(toFailure(thrown).code)
  }
}

/** The command tree; each command's code is loaded only when it runs. */
function commands(ended: (code: number) => void): Command {
  const program = new Command("lbctl")
    .description("Deploys Linux Virtual Server fleets: plan, apply, verify, revert.")
    .version(packageVersion())
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .exitOverride()
    .showHelpAfterError("(lbctl COMMAND --help shows its options)")
    .addHelpText(
      "after",
      `
INVENTORY is a folder such as inventories/prod, or its hosts.yml. It may be left
out where LBCTL_INVENTORY names it or inventories/ holds just one.

Examples:
  lbctl init inventories/prod      write a commented starting point
  lbctl plan inventories/prod      show what would change, and where
  lbctl apply inventories/prod     make it so
  lbctl drain rs3:web              take a real server out softly

Exit codes: 0 done, 1 failed, 2 changes (with --detailed-exitcode), 3 bad input,
4 unreachable, 5 stale, 6 locked, 7 reverted, 8 partial, 9 guarded,
130 interrupted`,
    )

  const limit = (): Option =>
    new Option("-l, --limit <pattern>", "only these hosts: names, groups, globs; ! leaves out")
  const json = (): Option => new Option("--json", "print JSON for machines")
  const yes = (): Option => new Option("-y, --yes", "do not ask")
  const allow = (): Option =>
    new Option("--allow <guards>", "let the plan pass these guards (comma between them)")
  const confirmTimeout = (): Option =>
    new Option(
      "--confirm-timeout <duration>",
      "a node reverts unless confirmed within this time",
    ).default("30s")

  program
    .command("init")
    .argument("<dir>", "folder to write, such as inventories/prod")
    .description("Write a commented inventory that validates.")
    .action(async (dir: string) => ended(await (await import("./commands/init.ts")).init(dir)))
  program
    .command("validate")
    .argument("[inventory]")
    .description("Check everything offline; print each problem with file, line, column and cure.")
    .addOption(json())
    .action(async (inventory: string | undefined, options: { json?: true }) =>
      ended(await (await import("./commands/validate.ts")).validate(inventory, options)),
    )
  program
    .command("render")
    .argument("[inventory]")
    .description("Render every host's files offline; the same input gives the same bytes.")
    .addOption(limit())
    .option("-o, --output <dir>", "write DIR/HOST/PATH instead of printing")
    .action(async (inventory: string | undefined, options: { limit?: string; output?: string }) =>
      ended(await (await import("./commands/render.ts")).render(inventory, options)),
    )
  program
    .command("plan")
    .argument("[inventory]")
    .description("Show what an apply would change on every host, at what risk and in which order.")
    .addOption(limit())
    .option("-d, --diff", "show file contents before and after")
    .option("--detailed-exitcode", "exit 2 when there are changes")
    .addOption(json())
    .action(async (inventory: string | undefined, options: PlanFlags) =>
      ended(await (await import("./commands/plan.ts")).plan(inventory, options)),
    )
  program
    .command("apply")
    .argument("[inventory]")
    .description(
      "Plan, ask, roll out in order, confirm, verify; a node that is not confirmed reverts.",
    )
    .addOption(limit())
    .addOption(yes())
    .option("-d, --diff", "show file contents before and after")
    .addOption(allow())
    .addOption(confirmTimeout())
    .addOption(json())
    .action(async (inventory: string | undefined, options: ApplyFlags) =>
      ended(await (await import("./commands/apply.ts")).apply(inventory, options)),
    )

  const realserver = program
    .command("realserver")
    .description("The real-server side alone: VIPs on the loopback, ARP sysctls.")
  const realserverActions = {
    setup: "Set up real servers, and nothing else.",
    teardown: "Drain real servers, take their VIPs away and put prior values back.",
  } as const
  for (const [name, description] of Object.entries(realserverActions) as [
    "setup" | "teardown",
    string,
  ][]) {
    realserver
      .command(name)
      .argument("[inventory]")
      .description(description)
      .addOption(limit())
      .addOption(yes())
      .addOption(allow())
      .addOption(confirmTimeout())
      .addOption(json())
      .action(async (inventory: string | undefined, options: ApplyFlags) =>
        ended(await (await import("./commands/realserver.ts"))[name](inventory, options)),
      )
  }
  const realserverQuestions = {
    status: "Show what each real server holds: started, partial or stopped per VIP.",
    verify: "Prove from the directors that no real server answers ARP or ND for a VIP.",
  } as const
  for (const [name, description] of Object.entries(realserverQuestions) as [
    "status" | "verify",
    string,
  ][]) {
    realserver
      .command(name)
      .argument("[inventory]")
      .description(description)
      .addOption(limit())
      .addOption(json())
      .action(async (inventory: string | undefined, options: { limit?: string; json?: true }) =>
        ended(await (await import("./commands/realserver.ts"))[name](inventory, options)),
      )
  }

  program
    .command("agent")
    .description("The agent on directors.")
    .command("install")
    .argument("[inventory]")
    .description(
      "Bring lbagent (and a Node runtime where there is none) to directors, without starting it.",
    )
    .addOption(limit())
    .addOption(json())
    .action(async (inventory: string | undefined, options: { limit?: string; json?: true }) =>
      ended(await (await import("./commands/agent.ts")).agentInstall(inventory, options)),
    )

  const show = program.command("show").description("What runs now.")
  for (const [name, description] of [
    ["nodes", "Every host: role, release, VRRP state, VIPs."],
    ["vservers", "Every virtual service as its director holds it."],
    ["backends", "Every real server: health, weight, connections."],
  ] as const) {
    show
      .command(name)
      .argument("[inventory]")
      .description(description)
      .addOption(limit())
      .addOption(json())
      .action(async (inventory: string | undefined, options: { limit?: string; json?: true }) =>
        ended(await (await import("./commands/show.ts")).show(name, undefined, inventory, options)),
      )
  }
  show
    .command("vserver")
    .argument("<name>", "a service's name in services/*.yml")
    .argument("[inventory]")
    .description("One virtual service with its real servers on every director.")
    .addOption(limit())
    .addOption(json())
    .action(
      async (
        name: string,
        inventory: string | undefined,
        options: { limit?: string; json?: true },
      ) =>
        ended(await (await import("./commands/show.ts")).show("vserver", name, inventory, options)),
    )

  program
    .command("drain")
    .argument("<target>", "HOST, or HOST:SERVICE")
    .argument("[inventory]")
    .description("Let a real server keep its connections and get no new ones, until it is resumed.")
    .option("-r, --reason <text>", "shown by plan and show")
    .option("-w, --wait <duration>", "wait until its connections are gone, so long at most")
    .action(
      async (
        target: string,
        inventory: string | undefined,
        options: { reason?: string; wait?: string },
      ) => ended(await (await import("./commands/override.ts")).drain(target, inventory, options)),
    )
  program
    .command("resume")
    .argument("<target>", "HOST, or HOST:SERVICE")
    .argument("[inventory]")
    .description("Lift a drain.")
    .action(async (target: string, inventory: string | undefined) =>
      ended(await (await import("./commands/override.ts")).resume(target, inventory)),
    )
  program
    .command("failover")
    .argument("<cluster>")
    .argument("[inventory]")
    .description("Hand VRRP over to a backup director.")
    .addOption(yes())
    .action(async (cluster: string, inventory: string | undefined, options: { yes?: true }) =>
      ended(await (await import("./commands/failover.ts")).failover(cluster, inventory, options)),
    )
  return program
}
