import { existsSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { sha256 } from "../../../src/core/digest.ts"
import { must } from "./exec.ts"
import { labFile } from "./project.ts"

/** Processors with AMX tiles have more registers than User Mode Linux 6.1 can put back. */
export function hasWideRegisters(): boolean {
  return /^flags\s*:.*\bamx_tile\b/m.test(readFileSync("/proc/cpuinfo", "utf8"))
}

/** The library to preload into kernels on such a processor, compiled into `cache` once; undefined elsewhere. */
export async function ensureWideRegisters(cache: string): Promise<string | undefined> {
  if (!hasWideRegisters()) return undefined
  const source = labFile("lib", "wide-registers.c")
  const library = join(cache, `wide-registers-${sha256(readFileSync(source)).slice(0, 16)}.so`)
  if (existsSync(library)) return library
  const made = `${library}.${process.pid}`
  await must(["gcc", "-O2", "-shared", "-fPIC", "-o", made, source])
  renameSync(made, library)
  return library
}
