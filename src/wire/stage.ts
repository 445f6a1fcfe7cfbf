import { sha256 } from "../core/digest.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Owned } from "../model/observed.ts"
import type { ReleasesKept } from "../model/fleet.ts"
import type { Release } from "../model/release.ts"
import type { Change, Operation } from "../model/plan.ts"
import { recordText } from "./history.ts"
import { manifestText } from "./manifest.ts"
import { operationsText } from "./operation.ts"
import { releaseText } from "./release.ts"
import { oneLine, oneWord, quote } from "./shell.ts"
import type { Who } from "./who.ts"
import { tar, type TarEntry } from "./tar.ts"

/** Everything a stage is made of. */
export interface Stage {
  readonly bundle: Bundle
  /** The cluster the host takes its turn in, and that cluster's directors: kept with the release. */
  readonly cluster?: string
  readonly directors: readonly string[]
  readonly operations: readonly Operation[]
  /** What the operations mean, for the history. */
  readonly changes: readonly Change[]
  /** HostPlan.retains. */
  readonly retains?: Owned
  /** Which past releases the host keeps. */
  readonly keep: ReleasesKept
  readonly who: Who
  /** Text of src/node/lbctl-node.sh. */
  readonly script: string
}

/** The stage as one archive, for the standard input of `stageCommand`. */
export function stageTar(stage: Stage): Uint8Array {
  return tar(stageFiles(stage))
}

/** The files of a stage. `release/` is what stays on the host after the confirmation: all files of the bundle, changed or not. */
export function stageFiles(stage: Stage): TarEntry[] {
  const { bundle, operations, retains, script } = stage
  const contents = new Map(bundle.files.map((file) => [sha256(file.content), file.content]))
  return [
    { path: "lbctl-node.sh", content: script },
    { path: "who", content: whoText(stage, [...contents.values()]) },
    { path: "record", content: recordText(bundle.id, stage.changes, stage.who) },
    { path: "operations", content: operationsText(operations) },
    { path: "checks", content: checksText(bundle, operations) },
    { path: "release/manifest", content: manifestText(bundle, retains) },
    { path: "release/bundle.json", content: releaseText(releaseOf(stage)) },
    ...[...contents].map(([digest, content]) => ({ path: `release/files/${digest}`, content })),
  ]
}

function releaseOf({ bundle, cluster, directors }: Stage): Release {
  return { bundle, ...(cluster === undefined ? {} : { cluster }), directors }
}

/** `check PATH SHA256 ARGUMENT...` for each file that changes and has a way to be checked; `%s` is the staged file. */
export function checksText(bundle: Bundle, operations: readonly Operation[]): string {
  const changed = new Set(
    operations.flatMap((operation) => (operation.op === "file" ? [operation.path] : [])),
  )
  return bundle.files
    .filter((file) => file.validate !== undefined && changed.has(file.path))
    .map(
      (file) => `${quote(["check", file.path, sha256(file.content), ...(file.validate ?? [])])}\n`,
    )
    .join("")
}

/** Shell assignments. They are the same for all stages of one run on one host. */
function whoText({ bundle, who, keep }: Stage, contents: readonly string[]): string {
  const bytes = contents.reduce((sum, content) => sum + content.length, 0)
  const values = {
    who_by: oneLine(who.by),
    who_from: oneWord(who.from),
    who_since: oneWord(who.since),
    who_release: bundle.id,
    who_run: oneWord(who.run),
    who_kib: String(Math.ceil(bytes / 1024)),
    who_keep: String(keep.count),
    who_age_minutes: String(Math.ceil(keep.maxAgeMs / 60_000)),
  }
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote([value])}\n`)
    .join("")
}
