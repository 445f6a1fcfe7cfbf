import type { ChildProcess, StdioOptions } from "node:child_process"
import { spawn } from "node:child_process"
import type { ExecOptions, Outcome } from "./exec.ts"
import { exec, must } from "./exec.ts"

/** Controller or client: programs of this machine at its full speed, in a network namespace of the lab. */
export class LabHost {
  readonly namespace: string
  readonly address: string
  readonly address6: string

  constructor(namespace: string, address: string, address6: string) {
    this.namespace = namespace
    this.address = address
    this.address6 = address6
  }

  /** Runs a program to its end. */
  exec(argv: readonly string[], options: ExecOptions = {}): Promise<Outcome> {
    return exec(this.#inside(argv), options)
  }

  /** Standard output of a program that must succeed. */
  must(argv: readonly string[], options: ExecOptions = {}): Promise<string> {
    return must(this.#inside(argv), options)
  }

  /** Starts a program and leaves it to the caller; what still runs when the lab goes down is killed. */
  spawn(
    argv: readonly string[],
    options: { stdio?: StdioOptions; env?: NodeJS.ProcessEnv; cwd?: string } = {},
  ): ChildProcess {
    const [program = "", ...rest] = this.#inside(argv)
    return spawn(program, rest, options)
  }

  #inside(argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.namespace, ...argv]
  }
}
