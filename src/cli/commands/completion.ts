import { bashCompletion } from "../completion/bash.ts"
import { fishCompletion } from "../completion/fish.ts"
import { completionModel } from "../completion/model.ts"
import { zshCompletion } from "../completion/zsh.ts"
import { exitCodes } from "../exit.ts"
import type { CommandNode } from "../grammar/command.ts"
import { print } from "../output.ts"

const printers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** `lbctl completion SHELL`: the script that teaches a shell lbctl's commands. */
export function completion(shell: keyof typeof printers, commands: readonly CommandNode[]): number {
  print(printers[shell](completionModel(commands)))
  return exitCodes.done
}
