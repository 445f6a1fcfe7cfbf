import { existsSync } from "node:fs"
import { hasWideRegisters } from "./wide-registers.ts"

/** Programs of the host, each with the Debian package it comes from. */
const programs: Readonly<Record<string, string>> = {
  "linux.uml": "user-mode-linux",
  ip: "iproute2",
  nft: "nftables",
  ssh: "openssh-client",
  mmdebstrap: "mmdebstrap",
  mke2fs: "e2fsprogs",
  tcpdump: "tcpdump",
}

const folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"]

/** Why no lab can be had on this machine; undefined when it can. */
export function labUnavailable(): string | undefined {
  if (process.platform !== "linux") return "the lab needs Linux"
  if (process.getuid?.() !== 0) return "the lab needs root, for network namespaces and taps"
  if (!existsSync("/dev/net/tun")) return "the lab needs /dev/net/tun"
  const compiler = hasWideRegisters() ? { gcc: "gcc" } : {}
  const missing = Object.entries({ ...programs, ...compiler }).filter(
    ([program]) => !installed(program),
  )
  if (missing.length === 0) return undefined
  const packages = missing.map(([, name]) => name).join(", ")
  return `the lab needs the packages ${packages}: run node scripts/setup-lab.mjs`
}

/**
 * For `describe.skipIf`: whether to skip what needs the lab. On a CI machine (CI is set) it throws instead, since
 * tests that silently don't run prove nothing.
 */
export function skipWithoutLab(): boolean {
  const reason = labUnavailable()
  if (reason === undefined) return false
  if (process.env["CI"]) throw new Error(reason)
  process.stderr.write(`lab tests skipped: ${reason}\n`)
  return true
}

function installed(program: string): boolean {
  return folders.some((folder) => existsSync(`${folder}/${program}`))
}
