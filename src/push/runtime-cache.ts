import { createHash, randomUUID } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { access, mkdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"

import type { CompressedRuntime, Runtime } from "./payload.ts"

/**
 * The Node executable at `path` as a runtime for hosts of the same kind. Compressing it takes seconds, so the result is kept
 * in the folder `cache`, named by the executable's digest.
 */
export function openRuntime(
  path: string,
  kind: Pick<Runtime, "arch" | "libc">,
  cache: string,
): Runtime {
  let making: Promise<CompressedRuntime> | undefined
  return {
    ...kind,
    compressed() {
      making ??= compress(path, cache)
      return making
    },
  }
}

async function compress(source: string, cache: string): Promise<CompressedRuntime> {
  const hash = createHash("sha256")
  await pipeline(createReadStream(source), hash)
  const digest = hash.digest("hex")
  const path = join(cache, `runtime-${digest}.gz`)
  if (await exists(path)) return { digest, path }
  await mkdir(cache, { recursive: true })
  const temporary = `${path}.${randomUUID()}`
  try {
    await pipeline(createReadStream(source), createGzip(), createWriteStream(temporary))
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  return { digest, path }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
