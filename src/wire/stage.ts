import { sha256 } from "../core/digest.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Owned } from "../model/observed.ts"
import type { Operation } from "../model/plan.ts"
import { manifestText } from "./manifest.ts"
import { operationsText } from "./operation.ts"
import { quote } from "./shell.ts"
import { tar, type TarEntry } from "./tar.ts"

/** Who changes a host, for its lock and its history. */
export interface Who {
  /** Operator: `alice`. */
  readonly by: string
  /** The controller's host name. */
  readonly from: string
  /** When the run began, ISO 8601 in UTC. */
  readonly since: string
  /** Git commit of the inventory, when it has one. */
  readonly commit?: string
}

/** Everything a stage is made of. */
export interface Stage {
  readonly bundle: Bundle
  readonly operations: readonly Operation[]
  /** HostPlan.retains. */
  readonly retains?: Owned
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
    { path: "operations", content: operationsText(operations) },
    { path: "checks", content: checksText(bundle, operations) },
    { path: "release/manifest", content: manifestText(bundle, retains) },
    ...[...contents].map(([digest, content]) => ({ path: `release/files/${digest}`, content })),
  ]
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

/** Shell assignments; `who_record` is the beginning of the line in history.jsonl. */
function whoText({ bundle, who }: Stage, contents: readonly string[]): string {
  const by = oneLine(who.by)
  const from = oneWord(who.from)
  const since = oneWord(who.since)
  const commit = who.commit === undefined ? {} : { commit: oneLine(who.commit) }
  const record = JSON.stringify({ release: bundle.id, by, from, since, ...commit }).slice(0, -1)
  const bytes = contents.reduce((sum, content) => sum + content.length, 0)
  const values = {
    who_by: by,
    who_from: from,
    who_since: since,
    who_release: bundle.id,
    who_record: record,
    who_kib: String(Math.ceil(bytes / 1024)),
  }
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote([value])}\n`)
    .join("")
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim() || "unknown"
}

function oneWord(text: string): string {
  return oneLine(text).replaceAll(" ", "-")
}
