import { Writable } from "node:stream"

import type { Stream } from "../../src/report/output.ts"

/** A stream that keeps what is written; a terminal when it has a size. */
export function memory(size?: { rows: number; columns: number }): Stream & { text(): string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString())
      done()
    },
  })
  return Object.assign(stream, {
    text: () => chunks.join(""),
    ...(size === undefined ? {} : { isTTY: true, ...size }),
  })
}
