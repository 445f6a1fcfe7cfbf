import type { CommandNode, CommandSpec } from "./command.ts"

/** The shells that lbctl speaks to. */
const shells = ["bash", "zsh", "fish"] as const

/** `lbctl completion SHELL`, of the tree that it is a part of itself. */
export const completionCommand = (tree: () => readonly CommandNode[]): CommandSpec => ({
  name: "completion",
  about: "Print what teaches a shell to complete lbctl's commands, options and hosts.",
  arguments: [{ name: "shell", about: shells.join(", "), required: true, choices: shells }],
  options: [],
  examples: [
    ["lbctl completion bash > /etc/bash_completion.d/lbctl", "for everybody's bash"],
    ["source <(lbctl completion zsh)", "in ~/.zshrc, after compinit"],
    ["lbctl completion fish > ~/.config/fish/completions/lbctl.fish", "fish"],
  ],
  run: async ([shell]) => {
    const known = shells.find((name) => name === shell) ?? "bash"
    return (await import("../commands/completion.ts")).completion(known, tree())
  },
})
