import { Failure } from "../core/failure.ts"
import { isGroup, type CommandNode } from "./grammar/command.ts"

/**
 * A command line in full where its words are the beginnings of one group that may be shortened and of one of its commands:
 * `sh vs` is `show vservers`. Nothing else may be shortened, so that no typing error changes a fleet.
 * @throws Failure `input` where a word could mean several commands.
 */
export function unabbreviated(
  words: readonly string[],
  commands: readonly CommandNode[],
): readonly string[] {
  const at = words.findIndex((word) => !word.startsWith("-"))
  const [word, next] = [words[at], words[at + 1]]
  if (word === undefined || commands.some(({ name }) => name === word)) {
    const group = commands.find(({ name }) => name === word)
    return group === undefined ? words : withSubject(words, at, group, next)
  }
  const begun = commands.filter(({ name }) => name.startsWith(word))
  const [group] = begun
  if (begun.length !== 1 || group === undefined || !mayShorten(group)) return words
  return withSubject([...words.slice(0, at), group.name, ...words.slice(at + 1)], at, group, next)
}

function withSubject(
  words: readonly string[],
  at: number,
  group: CommandNode,
  subject: string | undefined,
): readonly string[] {
  if (!isGroup(group) || !mayShorten(group) || subject === undefined) return words
  if (subject.startsWith("-") || group.commands.some(({ name }) => name === subject)) return words
  const begun = group.commands.filter(({ name }) => name.startsWith(subject))
  const [command, ...others] = begun
  if (command === undefined) return words
  if (others.length > 0)
    throw new Failure("input", `${group.name} ${subject} could be several things`, {
      hint: begun.map(({ name }) => name).join(", "),
    })
  return [...words.slice(0, at + 1), command.name, ...words.slice(at + 2)]
}

function mayShorten(node: CommandNode): boolean {
  return isGroup(node) && node.abbreviated === true
}
