import { randomBytes } from "node:crypto"
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"

import { Failure } from "../core/failure.ts"
import type { Secret } from "../core/secret.ts"
import type { Answers } from "./askpass.ts"
import { openAnswers, writeAskpass } from "./askpass.ts"
import type { Command } from "./command.ts"
import { died } from "./command.ts"
import { limit } from "./limit.ts"
import type { Patience } from "./patience.ts"
import { openPatience } from "./patience.ts"
import { expandHome } from "./paths.ts"
import type { Prompter } from "./prompter.ts"
import type { HopLink, SshClient } from "./ssh-client.ts"
import { programFailure, programTimeout } from "./ssh-program-errors.ts"
import { masterWords, overMaster } from "./ssh-program-words.ts"
import type { Target } from "./target.ts"

/** What connections by the system's ssh share. */
export interface ProgramOptions {
  readonly timeoutMs: number
  /** Left out where there is no terminal. */
  readonly prompter: Prompter | undefined
}

/** A connection that the ssh program holds open for further commands (ssh_config(5), ControlMaster). */
export interface ProgramLink extends HopLink {
  /** The command line whose input and output lead from the host to another. */
  forward(address: string, port: number): readonly string[]
}

/** Logins at once: each is a process with a costly key exchange. */
const logins = 32

/** The longest path that a socket can have here, less the suffix that ssh gives it while it is made (unix(7): 108, 104 on BSD). */
const longestSocket = 80

/** Holds ssh as long as lbctl lives: descriptor 3 is a pipe that ends with lbctl, however it ends. */
const guard = `
if [ -n "\${LBCTL_ASK_PIPE:-}" ]; then mkfifo -m 600 "$LBCTL_ASK_PIPE" || exit 1; fi
"$@" 3<&- &
ssh=$!
{ read -r _ <&3; kill "$ssh"; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$ssh"
code=$?
kill "$watch" 2>/dev/null
exit "$code"`

/** The system's ssh as a client; it reads the user's configuration itself, and knows all that OpenSSH knows. */
export function openProgramClient(options: ProgramOptions): SshClient<ProgramLink> {
  const admit = limit(logins)
  const passphrases = new Map<string, Promise<Secret>>()
  let folder: string | undefined
  let count = 0
  const remove = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    folder = undefined
  }

  function privateFolder(): string {
    if (folder !== undefined) return folder
    const parent = tmpdir().length > longestSocket - 20 ? "/tmp" : tmpdir()
    folder = mkdtempSync(join(parent, "lbctl-"))
    process.once("exit", remove)
    return folder
  }

  return {
    login: (target, via) =>
      admit(() => {
        const path = join(privateFolder(), String(++count))
        const program = writeAskpass(privateFolder())
        return openMaster(target, via?.forward(target.address, target.port), {
          ...options,
          passphrases,
          path,
          program,
        })
      }),
    close() {
      remove()
      process.off("exit", remove)
    },
  }
}

interface MasterOptions extends ProgramOptions {
  /** Of its socket; what else it needs has a suffix to that. */
  readonly path: string
  readonly program: string
  readonly passphrases: Map<string, Promise<Secret>>
}

async function openMaster(
  target: Target,
  through: readonly string[] | undefined,
  options: MasterOptions,
): Promise<ProgramLink> {
  const { path: socket, prompter } = options
  const timeoutMs = target.connectTimeoutMs ?? options.timeoutMs
  const mark = `lbctl-${randomBytes(9).toString("hex")}`
  const patience = openPatience(2 * timeoutMs)
  const asks = prompter !== undefined || target.password !== undefined
  const answers = asks ? answersFor(target, mark, options, patience) : undefined
  const words = masterWords(target, { socket, ready: mark, timeoutMs, asks, through })
  const child = spawn("/bin/sh", ["-c", guard, "lbctl-ssh", "ssh", ...words], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...answers?.environment },
  })
  const said = listen(child, answers)
  const link = linkOver(child, socket)
  try {
    await new Promise<void>((resolve, reject) => {
      onLine(child.stdout, (line) => line === mark && resolve())
      patience.onEnd(() => reject(programTimeout(target, said())))
      child.once("error", reject)
      child.once("close", (code) => {
        const file = expandHome(target.knownHostsFiles?.[0] ?? "~/.ssh/known_hosts", homedir())
        const unasked = answers?.unasked ?? []
        const end = { code: code ?? 255, said: said(), knownHostsFile: file, unasked }
        reject(programFailure(target, end))
      })
    })
    return link
  } catch (thrown) {
    link.close()
    answers?.forget()
    throw thrown
  } finally {
    patience.end()
  }
}

function answersFor(
  { password }: Target,
  mark: string,
  { path, program, prompter, passphrases }: MasterOptions,
  patience: Patience,
): Answers {
  const during: Patience["during"] = (task) => patience.during(task)
  const pipe = `${path}.answer`
  return openAnswers({ program, pipe, mark, password, prompter, passphrases, during })
}

/** What ssh said so far, its questions aside; of a long life only the end. */
function listen(child: ChildProcess, answers: Answers | undefined): () => string {
  let text = ""
  onLine(child.stderr, (line) => {
    if (answers?.take(line) !== true) text = `${text}${line.trimEnd()}\n`.slice(-16_384)
  })
  child.once("close", () => answers?.close())
  return () => text
}

function onLine(stream: Readable | null, take: (line: string) => void): void {
  let rest = ""
  stream?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop() ?? ""
    lines.forEach(take)
  })
}

function linkOver(master: ChildProcess, socket: string): ProgramLink {
  let closed = false
  let count = 0
  master.once("close", () => (closed = true))
  return {
    async start(command) {
      if (closed) throw new Failure("unreachable", "the connection is closed")
      return commandOver(socket, `${socket}.log${++count}`, command)
    },
    forward: (address, port) => {
      const host = address.includes(":") ? `[${address}]` : address
      return ["ssh", ...overMaster(socket, ["-W", `${host}:${port}`, "--", "host"])]
    },
    onClose: (listener) => void master.once("close", listener),
    close() {
      master.stdio[3]?.destroy()
    },
  }
}

/** One command, run by an ssh of its own that hands its input and output over to the master. */
function commandOver(socket: string, log: string, command: string): Command {
  const options = ["-T", "-a", "-x", "-E", log, "-o", "LogLevel=DEBUG2", "--", "host", command]
  const child = spawn("ssh", overMaster(socket, options), {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => {
      const said = code === 255 ? logged(log) : ""
      rmSync(log, { force: true })
      if (code === null) reject(died())
      else resolve(code === 255 ? endOf(said, socket) : code)
    })
  })
  ended.catch(() => undefined)
  return { ...streams(child), ended, abandon: () => void child.kill() }
}

/** What ssh itself had to say; nothing when its folder is gone, at the end of a run. */
function logged(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

function streams(child: {
  stdin: Writable
  stdout: Readable
  stderr: Readable
}): Pick<Command, "stdin" | "stdout" | "stderr"> {
  const { stdin, stdout, stderr } = child
  return { stdin, stdout, stderr }
}

/**
 * What 255 means, which ssh says for an error of its own, for a command that ended by a signal, and for one that ended with
 * 255 (mux.c: mux_client_request_session).
 * @throws Failure `unreachable` when the connection died, or the host did not start the command.
 */
async function endOf(said: string, socket: string): Promise<number> {
  if (/Received exit status from master 255/.test(said)) return 255
  const refused = /session request failed: (.+)/.exec(said)
  if (refused !== null) {
    throw new Failure("unreachable", `the host does not start a command: ${refused[1]?.trim()}`)
  }
  if (await isAlive(socket)) return 128
  throw died()
}

/** Whether the master still answers (ssh(1), -O check). */
function isAlive(socket: string): Promise<boolean> {
  const child = spawn("ssh", overMaster(socket, ["-O", "check", "--", "host"]), { stdio: "ignore" })
  return new Promise((resolve) => {
    child.once("error", () => resolve(false))
    child.once("exit", (code) => resolve(code === 0))
  })
}
