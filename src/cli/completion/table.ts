import type { Candidates, CompletedNode } from "./model.ts"

/**
 * The command tree as shell functions that bash and zsh share, in POSIX words:
 * `_lbctl_commands PATH` and `_lbctl_options PATH` print `NAME<tab>ABOUT` lines, `_lbctl_value PATH OPTION` and
 * `_lbctl_argument PATH NUMBER` print what may stand there, nothing where nothing may.
 */
export function tableText(nodes: readonly CompletedNode[]): string {
  return [
    lines("_lbctl_commands", nodes, (node) =>
      node.commands.map(({ name, about }) => [name, about]),
    ),
    lines("_lbctl_options", nodes, (node) =>
      node.options.flatMap(({ names, about }) => names.map((name) => [name, about])),
    ),
    table(
      "_lbctl_value",
      nodes.flatMap(({ path, options }) =>
        options.flatMap(({ names, value }) =>
          value === undefined ? [] : names.map((name) => [`${path} ${name}`, candidates(value)]),
        ),
      ),
    ),
    table(
      "_lbctl_argument",
      nodes.flatMap(({ path, arguments: list }) =>
        list.map((value, index) => [`${path} ${index + 1}`, candidates(value)]),
      ),
    ),
    scan,
  ].join("\n")
}

/** `words a b c`, or the kind alone. */
export function candidates(value: Candidates): string {
  return value.kind === "words" ? `words ${value.words.join(" ")}` : value.kind
}

/** A text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function lines(
  name: string,
  nodes: readonly CompletedNode[],
  of: (node: CompletedNode) => readonly (readonly [string, string] | readonly string[])[],
): string {
  const cases = nodes.flatMap((node) => {
    const words = of(node).map(([word = "", about = ""]) => quoted(`${word}\t${about}`))
    return words.length === 0
      ? []
      : [`  ${quoted(node.path)}) printf '%s\\n' ${words.join(" ")} ;;`]
  })
  return [`${name}() {`, '  case "$1" in', ...cases, "  esac", "}", ""].join("\n")
}

function table(name: string, entries: readonly (readonly string[])[]): string {
  const cases = entries.map(
    ([key = "", value = ""]) => `  ${quoted(key)}) echo ${quoted(value)} ;;`,
  )
  return [`${name}() {`, '  case "$1 $2" in', ...cases, "  esac", "}", ""].join("\n")
}

/**
 * `_lbctl_scan WORD...` reads the words before the one to complete: `where` is the command they name, `count` how many
 * arguments it has, `inventory` the one among them or the last of `-i`, `expects` what the last option waits for.
 */
const scan = `_lbctl_scan() {
  where='' count=0 inventory='' expects=''
  for word in "$@"; do
    if [ -n "$expects" ]; then
      [ "$expects" != inventories ] || inventory=$word
      expects=''
      continue
    fi
    case $word in
    -*=*) ;;
    -*) expects=$(_lbctl_value "$where" "$word") ;;
    *)
      if _lbctl_commands "$where" | cut -f 1 | grep -qxF -e "$word"; then
        where=\${where:+$where }$word
      else
        count=$((count + 1))
        [ "$(_lbctl_argument "$where" "$count")" != inventories ] || inventory=$word
      fi
      ;;
    esac
  done
}
`
