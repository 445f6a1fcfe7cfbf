import type { Duplex, Readable } from "node:stream"
import { StringDecoder } from "node:string_decoder"

import { Failure } from "../core/failure.ts"
import { formatDuration } from "../core/duration.ts"
import type { Channel, ExecOptions, ExecResult } from "./transport.ts"

/** A command's end of an SSH session; emits `close` with the exit code, or with none when the connection died. */
export type SshChannel = Duplex & { readonly stderr: Readable }

/** Runs the command of a channel to its end, once that is open. */
export async function execOn(
  opening: Promise<SshChannel>,
  options: ExecOptions,
): Promise<ExecResult> {
  const unreadable = sourceFailure(options.stdin)
  const channel = await Promise.race([opening, unreadable])
  const stdout = collect(channel)
  const stderr = collect(channel.stderr)
  const giveUp = deadline(options)
  const stop = () => channel.destroy()
  feed(channel, options.stdin)
  try {
    const code = await Promise.race([closed(channel), giveUp.reached, unreadable])
    return { code, stdout: stdout(), stderr: stderr() }
  } finally {
    giveUp.cancel()
    stop()
    if (isStream(options.stdin)) options.stdin.destroy()
  }
}

/** The live view of a fresh channel. */
export function openOn(channel: SshChannel): Channel {
  const stderr = collect(channel.stderr)
  const ended = closed(channel).then((code) => ({ code, stderr: stderr() }))
  ended.catch(() => undefined)
  const lines = splitLines(channel, ended)
  return {
    lines,
    write: (text) => void channel.write(text),
    ended,
    close: () => void channel.end(),
  }
}

/**
 * The exit code; ssh2 tells a connection's death only by a `close` that carries none, and a signal as `null`
 * (shells report a signal as 128 and more).
 */
function closed(channel: SshChannel): Promise<number> {
  return new Promise((resolve, reject) => {
    channel.on("error", () => undefined)
    channel.once("close", (code: number | null | undefined, signal?: string) => {
      if (typeof code === "number") resolve(code)
      else if (signal !== undefined) resolve(128)
      else reject(died())
    })
  })
}

function died(): Failure {
  return new Failure("unreachable", "the connection died while a command was running", {
    hint: "the host may have gone down, or the network to it; lbctl plan tells what it holds now",
  })
}

function unanswered(timeoutMs: number): Failure {
  return new Failure("unreachable", `no answer within ${formatDuration(timeoutMs)}`, {
    hint: "the host takes connections and does not answer: see its load and disks on its console",
  })
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  stream.on("data", (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString("utf8")
}

/** Writes what the command shall read. That it ends without reading all is no error. */
function feed(channel: SshChannel, stdin: ExecOptions["stdin"]): void {
  if (isStream(stdin)) stdin.pipe(channel)
  else channel.end(stdin)
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

/** Splits data into lines from now on; ends quietly with the channel, and then tells of its death. */
function splitLines(channel: SshChannel, ended: Promise<unknown>): () => AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8")
  const ready: string[] = []
  let rest = ""
  let open = true
  let wake = () => undefined as void
  channel.on("data", (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split("\n")
    rest = parts.pop() ?? ""
    ready.push(...parts)
    wake()
  })
  channel.once("close", () => {
    if (rest !== "") ready.push(rest)
    open = false
    wake()
  })
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
