import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"

/** The text of a file; undefined when there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

/** Replaces a file so that a crash leaves the old text or the new, and that the new one is on disk when this returns. */
export function writeDurably(path: string, text: string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const beside = `${path}.new`
  writeAndSync(beside, text)
  renameSync(beside, path)
  const handle = openSync(folder, "r")
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Replaces a file, without waiting for the disk: after a power loss it may be old, or damaged. */
export function writeSoon(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const beside = `${path}.new`
  writeFileSync(beside, text, { mode: 0o644 })
  renameSync(beside, path)
}

function writeAndSync(path: string, text: string): void {
  const handle = openSync(path, "w", 0o644)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
