import type { Writable } from "node:stream"

/** A place for text that may go away under it. */
export interface Output {
  write(text: string): void
  /** Nobody reads any more: `lbctl … | head` has had enough. */
  readonly closed: boolean
  /** Size of the terminal now; undefined when it is none. */
  size(): { readonly rows: number; readonly columns: number } | undefined
}

/** A stream that is or is not a terminal: process.stdout. */
export type Stream = Writable & {
  readonly isTTY?: boolean
  readonly rows?: number
  readonly columns?: number
}

/** Writes to a stream; its breaking (EPIPE) silences it, other errors of it are thrown on by the stream. */
export function openOutput(stream: Stream): Output {
  let closed = false
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error
    closed = true
  })
  return {
    write(text) {
      if (!closed) stream.write(text)
    },
    get closed() {
      return closed
    },
    size() {
      if (stream.isTTY !== true) return undefined
      return { rows: stream.rows ?? 24, columns: stream.columns ?? 80 }
    },
  }
}
