import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { join } from "node:path"
import type { ExecOptions, Outcome } from "./exec.ts"
import { exec } from "./exec.ts"
import type { LabIdentity } from "./identity.ts"

/** OpenSSH to one node, all commands over one connection that is made when first needed and again when it broke. */
export class SshSession {
  readonly #ssh: readonly string[]
  readonly #stateDir: string
  readonly #host: string
  #master: Master | undefined
  #connections = 0

  constructor(lab: LabIdentity, config: string, host: string) {
    this.#ssh = ["ip", "netns", "exec", lab.lan, "ssh", "-F", config]
    this.#stateDir = lab.stateDir
    this.#host = host
  }

  /** Runs a shell command; code 255 and ssh's words when there is no connection to be had. */
  async run(command: string, options: ExecOptions): Promise<Outcome> {
    this.#master ??= this.#connect()
    const { socket, refusal } = this.#master
    const stderr = await refusal
    if (stderr !== undefined) return { code: 255, stdout: "", stderr }
    return exec([...this.#ssh, "-S", socket, this.#host, "--", command], options)
  }

  /** Forgets the connection, which need not work any more. */
  close(): void {
    this.#master?.process.kill("SIGKILL")
    this.#master = undefined
  }

  #connect(): Master {
    this.#connections += 1
    const socket = join(this.#stateDir, `ssh-${this.#host}-${this.#connections}`)
    const [program = "", ...rest] = this.#ssh
    const child = spawn(program, [...rest, "-S", socket, ...masterOptions, this.#host], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    const refusal = new Promise<string | undefined>((resolve) => {
      let stderr = ""
      child.stdout.once("data", () => resolve(undefined))
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
      child.on("error", (error) => resolve(error.message))
      child.on("close", () => {
        if (this.#master?.process === child) this.#master = undefined
        resolve(stderr || "ssh ended before it was connected")
      })
    })
    return { process: child, socket, refusal }
  }
}

/** No session of its own; a word on standard output as soon as others can use its connection. */
const masterOptions = [
  "-M",
  "-N",
  "-o",
  "PermitLocalCommand=yes",
  "-o",
  "LocalCommand=echo connected",
]

/** The ssh process that holds the connection. */
interface Master {
  readonly process: ChildProcess
  readonly socket: string
  /** Undefined once it is connected, else why it is not. */
  readonly refusal: Promise<string | undefined>
}
