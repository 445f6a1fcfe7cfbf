import type { CommandNode } from "./command.ts"
import { connecting } from "./connecting.ts"
import { completionCommand } from "./completion.ts"
import { definitionCommands } from "./definition.ts"
import { nodeCommands } from "./nodes.ts"
import { rolloutCommands } from "./rollout.ts"
import { runtimeCommands } from "./runtime.ts"

/** Every command of lbctl, in the order of its help. */
export const commands: readonly CommandNode[] = [
  ...definitionCommands,
  ...[...rolloutCommands, ...nodeCommands, ...runtimeCommands].map(connecting),
  completionCommand(() => commands),
]
