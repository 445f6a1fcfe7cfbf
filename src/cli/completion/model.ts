import { guardNames } from "../../model/plan.ts"
import type { ArgumentSpec, CommandNode, CommandSpec, OptionSpec } from "../grammar/command.ts"
import { isGroup } from "../grammar/command.ts"

/** Names that an inventory gives; patterns are its hosts and groups. */
export type InventoryNames = "patterns" | "hosts" | "clusters" | "services"

/** What may stand somewhere on a command line: words of lbctl's, files, or names of an inventory. */
export type Candidates =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" | "folders" | "inventories" | InventoryNames }
  /** Something only the user knows. */
  | { readonly kind: "any" }

/** An option as a shell completes it. */
export interface CompletedOption {
  /** `-l`, `--limit`. */
  readonly names: readonly string[]
  readonly about: string
  /** Of its value, when it takes one. */
  readonly value?: Candidates
}

/** A command or a group of commands; `path` is what stands before: `show nodes`, empty for lbctl itself. */
export interface CompletedNode {
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly about: string }[]
  readonly options: readonly CompletedOption[]
  readonly arguments: readonly Candidates[]
}

const help: CompletedOption = { names: ["-h", "--help"], about: "show help" }
const version: CompletedOption = { names: ["-V", "--version"], about: "show the version" }

/** Everything a shell needs to know of the command tree. */
export function completionModel(tree: readonly CommandNode[]): CompletedNode[] {
  return [
    { path: "", commands: tree.map(named), options: [version, help], arguments: [] },
    ...tree.flatMap((node) =>
      isGroup(node)
        ? [
            { path: node.name, commands: node.commands.map(named), options: [help], arguments: [] },
            ...node.commands.map((command) => completed(command, `${node.name} ${command.name}`)),
          ]
        : [completed(node, node.name)],
    ),
  ]
}

function named({ name, about }: CommandNode): { readonly name: string; readonly about: string } {
  return { name, about }
}

function completed(command: CommandSpec, path: string): CompletedNode {
  return {
    path,
    commands: [],
    options: [...command.options.map(option), help],
    arguments: command.arguments.map(argument),
  }
}

function option({ flags, about, choices }: OptionSpec): CompletedOption {
  const names = flags.split(/[ ,]+/).filter((word) => word.startsWith("-"))
  const placeholder = /<([^>]+)>/.exec(flags)?.[1]
  if (placeholder === undefined) return { names, about }
  const value = choices === undefined ? valueOf(placeholder) : words(choices)
  return { names, about, value }
}

/** By the word between < and > in an option's flags. */
function valueOf(placeholder: string): Candidates {
  switch (placeholder) {
    case "pattern":
      return { kind: "patterns" }
    case "hosts":
      return { kind: "hosts" }
    case "cluster":
      return { kind: "clusters" }
    case "file":
      return { kind: "files" }
    case "dir":
      return { kind: "folders" }
    case "path":
      return { kind: "inventories" }
    case "guards":
      return words(guardNames)
    default:
      return { kind: "any" }
  }
}

function argument({ name, choices }: ArgumentSpec): Candidates {
  if (choices !== undefined) return words(choices)
  switch (name) {
    case "inventory":
      return { kind: "inventories" }
    case "target":
    case "host":
      return { kind: "hosts" }
    case "cluster":
      return { kind: "clusters" }
    case "name":
      return { kind: "services" }
    case "dir":
      return { kind: "folders" }
    case "file":
      return { kind: "files" }
    default:
      return { kind: "any" }
  }
}

function words(list: readonly string[]): Candidates {
  return { kind: "words", words: list }
}
