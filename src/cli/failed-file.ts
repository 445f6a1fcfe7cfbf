import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isWell } from "../model/event.ts"
import type { HostReport, Report } from "../model/report.ts"
import { complain } from "./output.ts"

/** Where the hosts of the last run that went badly are kept, for `--limit @failed`: beside clusters.yml. */
export function failedFile(folder: string): string {
  return join(folder, ".lbctl", "failed")
}

/**
 * Keeps the hosts that failed or were not begun, or removes what an earlier run kept when all went well. A folder that cannot be
 * written fails no run; the operator is told.
 */
export function keepFailed(folder: string, report: Report, command: string): void {
  const path = failedFile(folder)
  const hosts = report.hosts.filter((host) => !isThrough(host)).map(({ host }) => host)
  try {
    if (report.exitCode === 0) rmSync(path, { force: true })
    else if (hosts.length > 0) write(path, `# ${report.started} ${command}`, hosts)
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    complain(`${path} could not be kept for --limit @failed: ${why}`)
  }
}

/** A host that changed and has a step left says which. */
function isThrough({ outcome, detail }: HostReport): boolean {
  return isWell(outcome) && detail === undefined
}

/** Whole or not at all: another run may read it meanwhile. */
function write(path: string, comment: string, hosts: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, [comment.replaceAll(/\s+/g, " "), ...hosts, ""].join("\n"))
  renameSync(draft, path)
}
