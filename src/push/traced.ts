import { pipeline, Transform } from "node:stream"

import { toFailure } from "../core/failure.ts"
import type { NodeStep } from "../model/trace.ts"
import { releaseHeld, toldRecord } from "../wire/told-record.ts"
import type { Tracing } from "./trace.ts"
import type { Channel, ExecOptions, Transport } from "./transport.ts"

/** What a command is for. */
export interface TracedStep {
  readonly host: string
  readonly step: NodeStep
  readonly transaction?: string
  /** The release it is about; else the one that the answer names. */
  readonly release?: string
}

/** The same transport, telling of each command when it begins, what it answered, and how it ended. Never what it was sent. */
export function tracedTransport(
  transport: Transport,
  step: TracedStep,
  tracing: Tracing,
): Transport {
  return {
    async exec(command, options) {
      const run = begin(command, step, tracing)
      const { stdin, sent } = counted(options.stdin)
      try {
        const result = await transport.exec(
          command,
          stdin === undefined ? options : { ...options, stdin },
        )
        linesOf(result.stdout).forEach((line) => run.replied(line))
        run.ended(sent(), result.code)
        return result
      } catch (thrown) {
        run.broke(thrown)
        throw thrown
      }
    },
    async open(command) {
      const run = begin(command, step, tracing)
      try {
        return tracedChannel(await transport.open(command), run)
      } catch (thrown) {
        run.broke(thrown)
        throw thrown
      }
    },
    close: () => transport.close(),
  }
}

/** The tale of one command. */
interface Run {
  replied(line: string): void
  ended(sent: number, code?: number): void
  broke(thrown: unknown): void
}

function begin(command: string, about: TracedStep, { trace, clock }: Tracing): Run {
  const { host, step, transaction } = about
  const began = clock()
  const passed = () => Math.round(clock() - began)
  let received = 0
  let { release } = about
  trace(host, { type: "ran", step, command })
  return {
    replied(line) {
      received += Buffer.byteLength(line) + 1
      release ??= releaseHeld(line)
      trace(host, { type: "replied", record: toldRecord(line) })
    },
    ended(sent, code) {
      trace(host, {
        type: "ended",
        step,
        ms: passed(),
        sent,
        received,
        ...(code === undefined ? {} : { code }),
        ...(transaction === undefined ? {} : { transaction }),
        ...(release === undefined ? {} : { release }),
      })
    },
    broke: (thrown) =>
      trace(host, { type: "broke", step, ms: passed(), message: toFailure(thrown).message }),
  }
}

/** Its tale ends with its output, or when nobody reads on: an activation is let go of as soon as it is done. */
function tracedChannel(channel: Channel, run: Run): Channel {
  let sent = 0
  async function* lines(): AsyncGenerator<string> {
    let code: number | undefined
    let broken = false
    try {
      for await (const line of channel.lines()) {
        run.replied(line)
        yield line
      }
      code = (await channel.ended).code
    } catch (thrown) {
      broken = true
      run.broke(thrown)
      throw thrown
    } finally {
      if (!broken) run.ended(sent, code)
    }
  }
  return {
    ...channel,
    lines,
    write(text) {
      sent += Buffer.byteLength(text)
      channel.write(text)
    },
  }
}

function linesOf(text: string): string[] {
  const lines = text.split("\n")
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines
}

/** The same input, and how many bytes of it have been taken so far. */
function counted(stdin: ExecOptions["stdin"]): {
  readonly stdin: ExecOptions["stdin"]
  readonly sent: () => number
} {
  if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array) {
    const size = Buffer.byteLength(stdin ?? "")
    return { stdin, sent: () => size }
  }
  let size = 0
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      done(null, chunk)
    },
  })
  // Errors of the source reach the reader of the counter.
  pipeline(stdin, counter, () => undefined)
  return { stdin: counter, sent: () => size }
}
