import { readText } from "../store/files.ts"

/** Whether keepalived runs: a process of that name (proc(5), comm) under the number in one of its pid files. */
export function keepalivedRuns(pidFiles: readonly string[]): boolean {
  return keepalivedPid(pidFiles) !== undefined
}

/** The process of keepalived's that one of these pid files names and that lives. */
export function keepalivedPid(pidFiles: readonly string[]): number | undefined {
  return pidFiles
    .map((path) => Number.parseInt(readText(path) ?? "", 10))
    .find((pid) => pid > 0 && (readText(`/proc/${pid}/comm`) ?? "").startsWith("keepalived"))
}

/** Signals that the kernel holds back from a process, thread and process ones: bit N - 1 is signal N (proc(5), SigPnd and ShdPnd). */
export function pendingSignals(status: string): ReadonlySet<number> {
  const masks = [...status.matchAll(/^S(?:ig|hd)Pnd:\s*([0-9a-f]+)$/gm)].map(([, hex = "0"]) =>
    BigInt(`0x${hex}`),
  )
  const signals = Array.from({ length: 64 }, (_, index) => index + 1)
  return new Set(
    signals.filter((signal) => masks.some((mask) => (mask >> BigInt(signal - 1)) & 1n)),
  )
}
