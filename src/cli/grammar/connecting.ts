import type { CommandNode, CommandSpec, OptionSpec } from "./command.ts"
import { isGroup } from "./command.ts"

/** Options of every command that connects. */
const connectionOptions: readonly OptionSpec[] = [
  {
    flags: "--transport <client>",
    about: "speak SSH by lbctl itself, or by the system's ssh",
    choices: ["builtin", "ssh"],
  },
  { flags: "-k, --ask-pass", about: "ask for the login password" },
  { flags: "-K, --ask-become-pass", about: "ask for the password of sudo" },
  {
    flags: "--connection-password-file <file>",
    about: "read the login password from a file, or from a program's output",
  },
  {
    flags: "--become-password-file <file>",
    about: "the same for the password of sudo",
  },
  {
    flags: "--host-key-checking <how>",
    about: "refuse unknown host keys, or accept and keep them; changed ones are refused",
    choices: ["strict", "accept-new"],
  },
  {
    flags: "--timeout <duration>",
    about: "for a host to take a connection (default: 10s)",
  },
]

/** A command, or all of a group, with the options of connections and what they mean. */
export function connecting(node: CommandNode): CommandNode {
  if (isGroup(node)) return { ...node, commands: node.commands.map(withOptions) }
  return withOptions(node)
}

function withOptions(spec: CommandSpec): CommandSpec {
  if (spec.offline === true) return spec
  return {
    ...spec,
    options: [...spec.options, ...connectionOptions],
    run: async (values, flags) => {
      const { chooseConnections } = await import("../connections.ts")
      chooseConnections(flags)
      return spec.run(values, flags)
    },
  }
}
