import { readText } from "./store/files.ts"

/** Whether keepalived runs: a process of that name (proc(5), comm) under the number in one of its pid files. */
export function keepalivedRuns(pidFiles: readonly string[]): boolean {
  return pidFiles.some((path) => {
    const pid = Number.parseInt(readText(path) ?? "", 10)
    return pid > 0 && (readText(`/proc/${pid}/comm`) ?? "").startsWith("keepalived")
  })
}
