import { assertNever } from "../../core/result.ts"
import type { Candidates, CompletedNode, CompletedOption } from "./model.ts"

/** The completion of lbctl for fish (complete(1) of fish). */
export function fishCompletion(nodes: readonly CompletedNode[]): string {
  const valued = nodes.flatMap(({ options }) =>
    options.flatMap(({ names, value }) => (value === undefined ? [] : names)),
  )
  const groups = nodes.filter(({ path, commands }) => path !== "" && commands.length > 0)
  return [
    "# fish completion of lbctl. Load it: lbctl completion fish | source",
    helpers(
      [...new Set(valued)],
      groups.map(({ path }) => path),
    ),
    "complete -c lbctl -f",
    ...nodes.flatMap(nodeLines),
    "",
  ].join("\n")
}

function nodeLines(node: CompletedNode): string[] {
  return [
    ...node.commands.map(
      ({ name, about }) =>
        `complete -c lbctl -n '__lbctl_at ${word(node.path)} 0' -a ${quoted(name)} -d ${quoted(about)}`,
    ),
    ...node.options.map((option) => optionLine(node.path, option)),
    ...node.arguments.map(
      (value, index) =>
        `complete -c lbctl -n '__lbctl_at ${word(node.path)} ${index}' ${filled(value)}`,
    ),
  ]
}

function optionLine(path: string, { names, about, value }: CompletedOption): string {
  const spelt = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  )
  const takes = value === undefined ? "" : ` ${filled(value, "-r")}`
  return `complete -c lbctl -n '__lbctl_at ${word(path)}' ${spelt.join(" ")} -d ${quoted(about)}${takes}`
}

function filled(value: Candidates, required = ""): string {
  const exclusive = required === "" ? "" : "-x "
  switch (value.kind) {
    case "words":
      return `${exclusive}-a ${quoted(value.words.join(" "))}`
    case "files":
      return required === "" ? "-F" : "-r -F"
    case "folders":
      return `${exclusive}-a '(__fish_complete_directories)'`
    case "inventories":
      return `-a '(__lbctl_ask inventories)' -F`
    case "patterns":
    case "hosts":
    case "clusters":
    case "services":
      return `${exclusive}-a '(__lbctl_ask ${value.kind})'`
    case "any":
      return required === "" ? "" : "-x"
    default:
      return assertNever(value)
  }
}

/** The path as one word; words of it with a blank between them stay one for fish within the condition's quotes. */
function word(path: string): string {
  return path === "" ? "lbctl" : `"${path}"`
}

/** A text in single quotes, where fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
}

function helpers(valued: readonly string[], groups: readonly string[]): string {
  return `# Prints the command that stands before the cursor, then its arguments, one a line.
function __lbctl_words
    set -l words (commandline -opc)
    set -l path
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${valued.join(" ")}
            set skip 1
        else if string match -q -- '-*' $word
        else if test -z "$path"
            set path $word
        else if contains -- "$path" ${groups.join(" ")}
            set path "$path $word"
        else
            set -a rest $word
        end
    end
    test -n "$path"; or set path lbctl
    printf '%s\\n' $path $rest
end

# Whether the command before the cursor is this one, with so many arguments.
function __lbctl_at
    set -l words (__lbctl_words)
    test "$words[1]" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test (math (count $words) - 1) = $argv[2]
end

function __lbctl_ask
    set -l words (__lbctl_words)
    lbctl __complete $argv[1] $words[-1] 2>/dev/null
end
`
}
