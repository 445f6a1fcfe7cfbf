import { parseArgs } from "node:util"
import { Failure } from "../../core/failure.ts"

/** The words of a command line: those that stand alone, and those that follow a `--name`. Throws Failure on bad usage. */
export function readWords<Name extends string>(
  words: readonly string[],
  options: readonly Name[],
  usage: string,
): { readonly plain: readonly string[]; readonly option: (name: Name) => string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: Object.fromEntries(options.map((name) => [name, { type: "string" as const }])),
      allowPositionals: true,
    })
    return {
      plain: positionals,
      option: (name) => (typeof values[name] === "string" ? values[name] : undefined),
    }
  } catch (error) {
    throw badUsage(error instanceof Error ? error.message : String(error), usage)
  }
}

/** A command line that cannot be understood. */
export function badUsage(message: string, usage: string): Failure {
  return new Failure("input", message, { hint: `usage: lbagent ${usage}` })
}

/** Whole or broken seconds in milliseconds. */
export function readSeconds(word: string | undefined, usage: string): number {
  const seconds = Number(word)
  if (word === undefined || word === "" || !(seconds >= 0))
    throw badUsage(`${word ?? "nothing"} is no number of seconds`, usage)
  return seconds * 1000
}
