import { Argument, Command, CommanderError, Option } from "commander"
import { unabbreviated } from "./abbreviate.ts"
import { packageVersion } from "./assets.ts"
import { exitCodes } from "./exit.ts"
import type {
  ArgumentSpec,
  CommandNode,
  CommandSpec,
  Example,
  OptionSpec,
} from "./grammar/command.ts"
import { isGroup } from "./grammar/command.ts"
import { commands } from "./grammar/commands.ts"
import { beQuiet } from "./quiet.ts"
import { beVerbose } from "./verbose.ts"

const after = `
INVENTORY is a folder such as inventories/prod, or a file: YAML, INI, a script.
It may be left out where LBCTL_INVENTORY names it or inventories/ holds just
one.

Examples:
  lbctl init inventories/prod      write a commented starting point
  lbctl plan inventories/prod      show what would change, and where
  lbctl apply inventories/prod     make it so
  lbctl drain rs3:web              take a real server out softly

Exit codes: 0 done, 1 failed, 2 changes (--detailed-exitcode), drift or a
doctor's finding, 3 bad input, 4 unreachable, 5 stale, 6 locked, 7 reverted,
8 partial, 9 guarded, 130 interrupted`

/** Takes the exit code of the command that ran. */
type Ended = (code: number) => void

/**
 * Parses a command line and runs its command; returns the exit code, that of bad usage for what is no command line of lbctl.
 * Throws what the command throws.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done
  if (argv[2] === "__complete") return completeQuietly(argv.slice(3))
  try {
    const words = unabbreviated(argv.slice(2), commands)
    await commandTree((result) => (code = result)).parseAsync([...argv.slice(0, 2), ...words])
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? exitCodes.done : exitCodes.input
  }
}

/** What completion scripts ask for; an error would be written into the line that somebody is typing. */
async function completeQuietly([kind = "", inventory]: readonly string[]): Promise<number> {
  try {
    const { completedNames } = await import("./completion/names.ts")
    const names = completedNames(kind, inventory, process.env["LBCTL_INVENTORY"])
    process.stdout.write(names.map((name) => `${name}\n`).join(""))
  } catch {
    // Nothing can be told here.
  }
  return exitCodes.done
}

/** Each command's code is loaded only when it runs, so that help comes at once. */
function commandTree(ended: Ended): Command {
  const program = new Command("lbctl")
    .description("Deploys Linux Virtual Server fleets: plan, apply, verify, revert.")
    .version(packageVersion())
    .option("-q, --quiet", "only problems and the last line")
    .addOption(verboseOption())
    .hook("preAction", (root) => {
      const { quiet, verbose } = root.opts<{ quiet?: true; verbose?: number }>()
      if (quiet === true) beQuiet()
      beVerbose(verbose ?? 0)
    })
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .exitOverride()
    .showHelpAfterError("(lbctl COMMAND --help shows its options)")
    .addHelpText("after", after)
  for (const node of commands) addNode(program, node, ended)
  return program
}

/** Counts how often it stands there: commander has no repeatable flags of its own. */
function verboseOption(): Option {
  return new Option("-v, --verbose", "tell connections and steps; -vv: what nodes are told and say")
    .argParser((_value, times: number | undefined) => (times ?? 0) + 1)
    .conflicts("quiet")
}

function addNode(parent: Command, node: CommandNode, ended: Ended): void {
  if (!isGroup(node)) return addCommand(parent, node, ended)
  const group = parent.command(node.name).description(node.about)
  for (const command of node.commands) addCommand(group, command, ended)
}

function addCommand(parent: Command, spec: CommandSpec, ended: Ended): void {
  const command = parent.command(spec.name).description(spec.about)
  for (const argument of spec.arguments) command.addArgument(commanderArgument(argument))
  for (const option of spec.options) command.addOption(commanderOption(option))
  command.addHelpText("after", examplesText(spec.examples))
  command.action(async () => ended(await spec.run(command.args, command.opts())))
}

function commanderArgument({ name, about, required, choices }: ArgumentSpec): Argument {
  const argument = new Argument(required ? `<${name}>` : `[${name}]`, about)
  return choices === undefined ? argument : argument.choices([...choices])
}

function commanderOption({ flags, about, fallback, choices, repeatable }: OptionSpec): Option {
  const option = new Option(flags, about)
  if (fallback !== undefined) option.default(fallback, fallback)
  if (choices !== undefined) option.choices([...choices])
  if (repeatable === true)
    option.argParser((value, former: readonly string[] | undefined) => [...(former ?? []), value])
  return option
}

/** Two columns where they fit into 80, the meaning on a line of its own elsewhere. */
function examplesText(examples: readonly Example[]): string {
  if (examples.length === 0) return ""
  const width = Math.max(...examples.map(([line]) => line.length))
  const fits = examples.every(([, meaning]) => width + meaning.length + 4 <= 80)
  const lines = examples.map(([line, meaning]) =>
    fits ? `  ${line.padEnd(width)}  ${meaning}` : `  ${line}\n      ${meaning}`,
  )
  return `\nExamples:\n${lines.join("\n")}`
}
