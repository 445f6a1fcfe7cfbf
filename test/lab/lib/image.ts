import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { sha256 } from "../../../src/core/digest.ts"
import { must } from "./exec.ts"
import { buildImage } from "./image-build.ts"
import { onExit } from "./on-exit.ts"
import { labFile } from "./project.ts"
import type { System } from "./spec.ts"

/** Milliseconds after which an image nobody used is removed when a new one is built. */
const unusedAfter = 14 * 86_400_000

/** Where the lab keeps what takes long to make. */
export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lbctl-lab")
}

/** The disk that nodes of a system start from, built when this machine has none of this very kind. Returns its path. */
export async function ensureImage(system: System, log: (line: string) => void): Promise<string> {
  const cache = cacheFolder()
  const kernel = (await must(["linux.uml", "--version"])).trim()
  const image = join(cache, `${system}-${imageKey(system, kernel)}.ext4`)
  if (!existsSync(image)) {
    await mkdir(cache, { recursive: true })
    await underLock(join(cache, "build.lock"), async () => {
      if (existsSync(image)) return
      await sweep(cache)
      await build({ system, cache, image, kernel, log })
    })
  }
  touch(`${image}.used`)
  return image
}

async function build(order: {
  readonly system: System
  readonly cache: string
  readonly image: string
  readonly kernel: string
  readonly log: (line: string) => void
}): Promise<void> {
  const { cache, image, ...rest } = order
  const work = join(cache, `build-${process.pid}`)
  const abort = new AbortController()
  const cleanUp = (): void => {
    abort.abort()
    // Retried, since killed writers need a moment to be gone.
    rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  const callOff = onExit(cleanUp)
  try {
    await mkdir(work)
    await buildImage({ ...rest, work, image: join(work, "image"), signal: abort.signal })
    await rename(join(work, "image"), image)
  } finally {
    callOff()
    cleanUp()
  }
}

/** The folders of `test/lab/image` that a system's image is made of. */
const sources: Readonly<Record<System, readonly string[]>> = {
  systemd: ["common", "systemd"],
  openrc: ["common", "scripts", "openrc"],
  sysvinit: ["common", "scripts", "sysvinit"],
  busybox: ["busybox"],
}

/** Everything that decides what is in the image. */
function imageKey(system: System, kernel: string): string {
  const inputs = sources[system].flatMap((folder) => filesBelow(labFile("image", folder)))
  const builders = readdirSync(labFile("lib")).filter((name) => name.startsWith("image-"))
  const parts = [...inputs, ...builders.sort().map((name) => labFile("lib", name))].map((path) =>
    sha256(readFileSync(path)),
  )
  return sha256([kernel, process.arch, ...parts].join("\n")).slice(0, 16)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Removes what a killed builder left, and images not used for long. Only under the lock. */
async function sweep(cache: string): Promise<void> {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    const stale = name.endsWith(".ext4") && lastUse(path) < Date.now() - unusedAfter
    if (name.startsWith("build-") || stale) await rm(path, { recursive: true, force: true })
    if (stale) await rm(`${path}.used`, { force: true })
  }
}

/** In a file of its own: the guests' copy-on-write files insist on the image's own time of change. */
function touch(path: string): void {
  writeFileSync(path, "", { flag: "a" })
  utimesSync(path, new Date(), new Date())
}

function lastUse(image: string): number {
  return existsSync(`${image}.used`) ? statSync(`${image}.used`).mtimeMs : 0
}

/** Holds flock(1) on a file meanwhile; the kernel lets go of it however this process ends. */
async function underLock(path: string, action: () => Promise<void>): Promise<void> {
  const holder = spawn("flock", [path, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  try {
    // As long as another build may take, and some.
    await once(holder.stdout, "data", { signal: AbortSignal.timeout(1_200_000) })
    await action()
  } finally {
    holder.stdin.end()
    await once(holder, "close")
  }
}
