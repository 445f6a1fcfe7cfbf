import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"

/** One run of a hook. */
export interface HookRun {
  readonly name: string
  readonly path: string
  /** Where it runs. */
  readonly folder: string
  /** On its standard input. */
  readonly input: string
  readonly timeoutMs: number
  /** Takes each line of its output. */
  readonly tell: (line: string) => void
  /** Ends it; without one, Ctrl-C does. */
  readonly signal?: AbortSignal | undefined
}

/** Between SIGTERM and SIGKILL for those that do not end. */
const graceMs = 2000
/** A child in the background may keep a hook's output open for ever. */
const lastWordsMs = 500

/**
 * Runs a hook in a process group of its own.
 * @throws Failure `failed` with its exit code or its time, `interrupted` when it was ended for the operator.
 */
export async function runHookProgram(run: HookRun): Promise<void> {
  const interrupt = run.signal === undefined ? interruptOnce() : undefined
  const signal = run.signal ?? interrupt?.signal
  try {
    signal?.throwIfAborted()
    await runOnce(run, signal)
  } catch (thrown) {
    if (signal?.aborted !== true) throw thrown
    throw new Failure("interrupted", `the hook ${run.name} was ended`, { cause: thrown })
  } finally {
    interrupt?.release()
  }
}

async function runOnce(
  { name, path, folder, input, timeoutMs, tell }: HookRun,
  signal: AbortSignal | undefined,
): Promise<void> {
  const child = spawn(path, [], { cwd: folder, detached: true, stdio: ["pipe", "pipe", "pipe"] })
  child.stdin.on("error", () => undefined)
  child.stdin.end(input)
  const said = [child.stdout, child.stderr].map((stream) => tellLines(stream, tell))
  let late = false
  const end = () => void endGroup(child)
  const timer = setTimeout(() => {
    late = true
    end()
  }, timeoutMs)
  signal?.addEventListener("abort", end, { once: true })
  try {
    const [code, killed] = await exitOf(child, name)
    const words = setTimeout(
      () => [child.stdout, child.stderr].map((one) => one.destroy()),
      lastWordsMs,
    )
    await Promise.all(said)
    clearTimeout(words)
    if (late) {
      throw new Failure(
        "failed",
        `the hook ${name} took longer than ${formatDuration(timeoutMs)}`,
        {
          hint: "it was ended; --hook-timeout gives it more time",
        },
      )
    }
    if (code !== 0)
      throw failed(name, code === null ? `was killed by ${killed}` : `ended with ${code}`)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", end)
  }
}

async function exitOf(child: ChildProcess, name: string): Promise<[number | null, string | null]> {
  try {
    const [code, killed] = (await once(child, "exit")) as [number | null, string | null]
    return [code, killed]
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure("failed", `the hook ${name} could not be started: ${why}`, {
      hint: "a script needs a first line such as #!/bin/sh, and the program that it names",
    })
  }
}

function failed(name: string, how: string): Failure {
  return new Failure("failed", `the hook ${name} ${how}`, {
    hint: "its own words stand above; to go on without hooks: --no-hooks",
  })
}

/** A terminal must not be driven by what a hook prints. */
async function tellLines(stream: Readable, tell: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: stream })
  lines.on("line", (line) => {
    const text = line.replaceAll(/\p{Cc}/gu, " ").trimEnd()
    if (text !== "") tell(text)
  })
  await Promise.race([once(lines, "close"), once(stream, "close")])
}

/** All processes of the hook, those that it started too. */
async function endGroup(child: ChildProcess): Promise<void> {
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // They are gone.
    }
  }
  kill("SIGTERM")
  setTimeout(() => kill("SIGKILL"), graceMs).unref()
}

/** A signal that fires at the first Ctrl-C or SIGTERM, until released. */
function interruptOnce(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const interrupted = () => controller.abort()
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  for (const name of names) process.once(name, interrupted)
  return {
    signal: controller.signal,
    release() {
      for (const name of names) process.off(name, interrupted)
    },
  }
}
