import { inventoriesOf, type Inventories } from "../inventories.ts"
import type { KeyFlags } from "../keys.ts"
import { keyOptions } from "./key-options.ts"

/** An option of a command, in the notation of its help: `-l, --limit <pattern>`. */
export interface OptionSpec {
  readonly flags: string
  readonly about: string
  /** Where the option is left out. */
  readonly fallback?: string
  /** The only values there are. */
  readonly choices?: readonly string[]
  /** May be given several times; its value is the list. */
  readonly repeatable?: true
}

/** What stands on a command line besides options. */
export interface ArgumentSpec {
  readonly name: string
  readonly about: string
  readonly required: boolean
  /** The only values there are. */
  readonly choices?: readonly string[]
}

/** A line a user could type, and what it does. */
export type Example = readonly [line: string, meaning: string]

/** One command: the source of its parsing, its help, its completion and its part of the manual page. */
export interface CommandSpec {
  readonly name: string
  readonly about: string
  readonly arguments: readonly ArgumentSpec[]
  readonly options: readonly OptionSpec[]
  readonly examples: readonly Example[]
  /** Connects to no host. */
  readonly offline?: true
  /** Does it; the exit code. Values of options stand under their long names in camel case. */
  readonly run: (values: readonly (string | undefined)[], flags: object) => Promise<number>
}

/** Commands under a word of their own, such as `lbctl realserver`. */
export interface CommandGroup {
  readonly name: string
  readonly about: string
  readonly commands: readonly CommandSpec[]
  /** It and its commands may be shortened to a beginning that no other has. */
  readonly abbreviated?: true
}

export type CommandNode = CommandSpec | CommandGroup

/** Whether a node of the command tree only holds commands. */
export function isGroup(node: CommandNode): node is CommandGroup {
  return "commands" in node
}

const inventory: ArgumentSpec = {
  name: "inventory",
  about: "a folder such as inventories/prod, or a file",
  required: false,
}

const inventoryOption: OptionSpec = {
  flags: "-i, --inventory <path>",
  about: "another INVENTORY, over those before it; repeatable",
  repeatable: true,
}

/** What a command says of itself; `F` is the shape that its options give. */
interface Described {
  readonly about: string
  readonly options: readonly OptionSpec[]
  readonly examples: readonly Example[]
}

/** A command whose only argument is the inventory. */
export function onInventory<F>(
  name: string,
  described: Described & {
    readonly run: (inventory: Inventories, flags: F & KeyFlags) => Promise<number>
  },
): CommandSpec {
  const { about, options, examples, run } = described
  return {
    name,
    about,
    arguments: [inventory],
    options: [inventoryOption, ...options, ...keyOptions],
    examples,
    run: ([given], flags) => run(inventoriesOf(given, flags), flags as F & KeyFlags),
  }
}

/** A command whose only argument is an inventory or something in its place. */
export function onTarget<F>(
  name: string,
  described: Described & {
    readonly target: readonly [name: string, about: string]
    readonly run: (named: Inventories, flags: F) => Promise<number>
  },
): CommandSpec {
  const { target, ...rest } = described
  const [noun, about] = target
  return {
    ...onInventory<F>(name, rest),
    arguments: [{ name: noun, about, required: false }],
  }
}

/** A command on things of an inventory, of which some may be named first: NAME, INVENTORY, both or neither. */
export function onNamed<F>(
  name: string,
  described: Described & {
    readonly named: readonly [name: string, about: string]
    readonly run: (words: readonly (string | undefined)[], flags: F & KeyFlags) => Promise<number>
  },
): CommandSpec {
  const { about, options, examples, run, named } = described
  return {
    name,
    about,
    arguments: [{ name: named[0], about: named[1], required: false }, inventory],
    options: [inventoryOption, ...options, ...keyOptions],
    examples,
    run: (words, flags) => run(words, flags as F & KeyFlags),
  }
}

/** A command on several things of an inventory, which come first; all are needed. */
export function onSubjects<F>(
  name: string,
  described: Described & {
    readonly subjects: readonly (readonly [name: string, about: string])[]
    readonly run: (
      subjects: readonly string[],
      inventory: Inventories,
      flags: F & KeyFlags,
    ) => Promise<number>
  },
): CommandSpec {
  const { about, options, examples, run, subjects } = described
  const nouns = subjects.map(([noun, meaning]) => ({ name: noun, about: meaning, required: true }))
  return {
    name,
    about,
    arguments: [...nouns, inventory],
    options: [inventoryOption, ...options, ...keyOptions],
    examples,
    run: (values, flags) => {
      const given = values.slice(0, nouns.length).map((value) => value ?? "")
      return run(given, inventoriesOf(values[nouns.length], flags), flags as F & KeyFlags)
    },
  }
}

/** A command on one thing of an inventory, which comes first. */
export function onSubject<F>(
  name: string,
  described: Described & {
    readonly subject: readonly [name: string, about: string]
    readonly run: (subject: string, inventory: Inventories, flags: F & KeyFlags) => Promise<number>
  },
): CommandSpec {
  const { run, subject, ...rest } = described
  return onSubjects<F>(name, {
    ...rest,
    subjects: [subject],
    run: ([first = ""], named, flags) => run(first, named, flags),
  })
}
