import type { Readable, Writable } from "node:stream"
import { StringDecoder } from "node:string_decoder"

import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import type { Channel, ExecOptions, ExecResult, Transport } from "./transport.ts"

/** A command under way on a host, whatever carries it. */
export interface Command {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** The exit code, 128 for a signal, once all output was read; rejects with Failure `unreachable` when the connection died. */
  readonly ended: Promise<number>
  /** Lets go of it at once. */
  abandon(): void
}

/** An open connection as its carrier makes it: it starts commands, and nothing else. */
export interface Link {
  /** @throws Failure `unreachable` when the connection is over or the host starts nothing. */
  start(command: string): Promise<Command>
  /** Harmless when it is over already. */
  close(): void
}

/** The whole of a transport over what starts commands. */
export function transportOver(link: Link): Transport {
  return {
    exec: (command, options) => execOn(link.start(command), options),
    open: async (command) => openOn(await link.start(command)),
    close: () => link.close(),
  }
}

/** Runs a command to its end, once it has started. */
async function execOn(starting: Promise<Command>, options: ExecOptions): Promise<ExecResult> {
  const unreadable = sourceFailure(options.stdin)
  const giveUp = deadline(options)
  try {
    const command = await Promise.race([starting, giveUp.reached, unreadable])
    const stdout = collect(command.stdout)
    const stderr = collect(command.stderr)
    feed(command.stdin, options.stdin)
    const code = await Promise.race([command.ended, giveUp.reached, unreadable])
    return { code, stdout: stdout(), stderr: stderr() }
  } finally {
    giveUp.cancel()
    starting.then(
      (command) => command.abandon(),
      () => undefined,
    )
    if (isStream(options.stdin)) options.stdin.destroy()
  }
}

/** The live view of a fresh command. */
function openOn(command: Command): Channel {
  const stderr = collect(command.stderr)
  const ended = command.ended.then((code) => ({ code, stderr: stderr() }))
  ended.catch(() => undefined)
  command.stdin.on("error", () => undefined)
  return {
    lines: splitLines(command.stdout, ended),
    write: (text) => void command.stdin.write(text),
    ended,
    close: () => void command.stdin.end(),
  }
}

/** The connection's end under a command. */
export function died(): Failure {
  return new Failure("unreachable", "the connection died while a command was running", {
    hint: "the host may have gone down, or the network to it; lbctl plan tells what it holds now",
  })
}

function unanswered(timeoutMs: number): Failure {
  return new Failure("unreachable", `no answer within ${formatDuration(timeoutMs)}`, {
    hint: "the host takes connections and does not answer: see its load and disks on its console",
  })
}

/** The text so far of a stream that is read from now on, even if it was paused. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  stream.on("data", (chunk: Buffer) => chunks.push(chunk)).resume()
  return () => Buffer.concat(chunks).toString("utf8")
}

/** Writes what the command shall read. That it ends without reading all is no error. */
function feed(target: Writable, stdin: ExecOptions["stdin"]): void {
  target.on("error", () => undefined)
  if (isStream(stdin)) stdin.pipe(target)
  else target.end(stdin)
}

/** Rejects when there is nothing to write because its source fails; to be called before anything is awaited. */
function sourceFailure(stdin: ExecOptions["stdin"]): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    if (isStream(stdin)) stdin.once("error", reject)
  })
  failed.catch(() => undefined)
  return failed
}

function isStream(stdin: ExecOptions["stdin"]): stdin is Readable {
  return stdin !== undefined && typeof stdin !== "string" && !(stdin instanceof Uint8Array)
}

function deadline(options: ExecOptions): { reached: Promise<never>; cancel: () => void } {
  let cancel = () => undefined as void
  const reached = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(unanswered(options.timeoutMs)), options.timeoutMs)
    const interrupt = () => reject(new Failure("interrupted", "interrupted"))
    if (options.signal?.aborted === true) interrupt()
    options.signal?.addEventListener("abort", interrupt, { once: true })
    cancel = () => {
      clearTimeout(timer)
      options.signal?.removeEventListener("abort", interrupt)
    }
  })
  reached.catch(() => undefined)
  return { reached, cancel }
}

/** Splits output into lines from now on; ends quietly with the command, and then tells of the connection's death. */
function splitLines(stdout: Readable, ended: Promise<unknown>): () => AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8")
  const ready: string[] = []
  let rest = ""
  let open = true
  let wake = () => undefined as void
  stdout.on("data", (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split("\n")
    rest = parts.pop() ?? ""
    ready.push(...parts)
    wake()
  })
  const finish = () => {
    if (rest !== "") ready.push(rest)
    open = false
    wake()
  }
  ended.then(finish, finish)
  return async function* () {
    for (;;) {
      const line = ready.shift()
      if (line !== undefined) yield line
      else if (open) await new Promise<void>((resolve) => (wake = resolve))
      else break
    }
    await ended
  }
}
