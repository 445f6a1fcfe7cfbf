import { mkdir, open } from "node:fs/promises"
import { dirname } from "node:path"

import { Failure } from "../core/failure.ts"
import { limit } from "./limit.ts"

const oneAtATime = limit(1)

/**
 * Adds a line to a known_hosts file, which is made if need be. One write in append mode at the end of the file (POSIX
 * write(), O_APPEND), so that runs at the same time, and OpenSSH, add theirs without a lock; nothing that stands there is
 * touched.
 * @throws Failure `failed` when that cannot be done.
 */
export async function addLine(file: string, line: string): Promise<void> {
  await oneAtATime(async () => {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const handle = await open(file, "a+", 0o600)
      try {
        const { size } = await handle.stat()
        const last = Buffer.alloc(1)
        if (size > 0) await handle.read(last, 0, 1, size - 1)
        const complete = size === 0 || last.toString() === "\n"
        await handle.write(`${complete ? "" : "\n"}${line}\n`)
      } finally {
        await handle.close()
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Failure("failed", `cannot add a host key to ${file}: ${reason}`, {
        hint: "make it writable, or add the host's key to it by hand",
        cause,
      })
    }
  })
}
