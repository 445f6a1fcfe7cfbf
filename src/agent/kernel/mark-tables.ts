import { spawnSync } from "node:child_process"
import { Failure } from "../../core/failure.ts"

/** The table mangle of the kernel's packet filter, by address family. */
export interface MarkTables {
  /** As iptables-save(8) prints it; nothing where iptables is not installed. Throws Failure. */
  read(version: 4 | 6): string
  /** Carries out the input of `iptables-restore --noflush` as a whole or not at all. Throws Failure. */
  write(version: 4 | 6, script: string): void
}

/** Whoever changes the tables holds their lock for milliseconds. */
const lockSeconds = 5
const timeoutMs = 10_000

/** The tables of the process's network namespace, by the host's iptables: it knows which of the kernel's two kinds is in use. */
export const markTables: MarkTables = {
  read: (version) => run(program(version, "save"), ["-t", "mangle"], "") ?? "",
  write: (version, script) => {
    const name = program(version, "restore")
    const said = run(name, ["--noflush", "--wait", String(lockSeconds)], script)
    if (said === undefined)
      throw new Failure("failed", `${name} is not installed`, {
        hint: "services by firewall mark need it: apt-get install iptables, dnf install iptables-nft",
      })
  },
}

function program(version: 4 | 6, what: "save" | "restore"): string {
  return `${version === 4 ? "iptables" : "ip6tables"}-${what}`
}

/** What a program prints; undefined: there is none of that name. */
function run(name: string, words: readonly string[], input: string): string | undefined {
  const { error, status, signal, stdout, stderr } = spawnSync(name, words, {
    input,
    encoding: "utf8",
    timeout: timeoutMs,
  })
  if (error !== undefined && "code" in error && error.code === "ENOENT") return undefined
  if (error !== undefined) throw new Failure("failed", `${name}: ${error.message}`)
  if (status === 0) return stdout
  const [complaint = ""] = stderr.trim().split("\n")
  throw new Failure("failed", `${name}: ${complaint || `ended with ${status ?? signal}`}`)
}
