import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import type { AgentPayload, Runtime } from "../push/payload.ts"
import { openRuntime } from "../push/runtime-cache.ts"
import { agentPayload } from "./assets.ts"

/** The agent as it goes over the wire. */
export function readAgent(): AgentPayload {
  const { id, files } = agentPayload()
  return {
    id,
    files: files.map(({ name, path }) => ({ path: name, content: readFileSync(path) })),
    executables: ["lbagent"],
  }
}

/** This process's own Node, for directors of the same kind that have none. */
export function ownRuntime(): Runtime {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lbctl")
  const header: unknown = process.report.getReport()
  const glibc = JSON.stringify(header).includes('"glibcVersionRuntime"')
  return openRuntime(
    process.execPath,
    { arch: process.arch, libc: glibc ? "glibc" : "musl" },
    cache,
  )
}
