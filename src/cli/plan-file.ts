import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { Failure } from "../core/failure.ts"
import { decodeSavedPlan, encodeSavedPlan, looksLikeSavedPlan } from "../plan/saved.ts"
import type { SavedPlan } from "../model/saved-plan.ts"

/** So much of a file tells whether it is a saved plan. */
const markBytes = 200

/** Whether a path names a file that is, or was meant to be, a saved plan; by its content, whatever its name. */
export function isPlanFile(path: string): boolean {
  if (!isFile(path)) return false
  const file = openSync(path, "r")
  try {
    const start = Buffer.alloc(markBytes)
    return looksLikeSavedPlan(start.toString("utf8", 0, readSync(file, start)))
  } finally {
    closeSync(file)
  }
}

/** @throws Failure `input` for what is no saved plan, damaged, or of another version. */
export function readPlanFile(path: string): SavedPlan {
  if (!isFile(path)) {
    throw new Failure("input", `there is no file ${path}`, {
      hint: "a saved plan is what lbctl plan --out FILE writes",
    })
  }
  const saved = decodeSavedPlan(readFileSync(path, "utf8"))
  if (saved.ok) return saved.value
  const { message, hint } = saved.error
  throw new Failure("input", `${path}: ${message}`, hint === undefined ? {} : { hint })
}

/**
 * Refuses a path that must not be written over: before any host is contacted.
 * @throws Failure `input`.
 */
export function checkPlanTarget(path: string): void {
  if (!isFile(dirname(path), "folder")) {
    throw new Failure("input", `--out ${path}: there is no folder ${dirname(path)}`, {
      hint: "make it first",
    })
  }
  if (statSync(path, { throwIfNoEntry: false }) === undefined || isPlanFile(path)) return
  throw new Failure("input", `--out ${path}: this is there, and no saved plan: left alone`, {
    hint: "name another file, or remove this one",
  })
}

/** Writes the file whole or not at all, for its owner's eyes. @throws an error of the system. */
export function writePlanFile(path: string, saved: SavedPlan): void {
  checkPlanTarget(path)
  const beside = join(dirname(path), `.lbctl-plan-${process.pid}`)
  try {
    const file = openSync(beside, "wx", 0o600)
    try {
      writeFileSync(file, encodeSavedPlan(saved))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (thrown) {
    rmSync(beside, { force: true })
    throw thrown
  }
}

function isFile(path: string, kind: "file" | "folder" = "file"): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return kind === "file" ? found?.isFile() === true : found?.isDirectory() === true
}
