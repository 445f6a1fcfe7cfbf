import { createHash } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"

/**
 * This process in a word, `SEAT:PID:START`, by which another lbctl of the same machine and boot, and in the same container, can
 * tell whether it is still there; `-` on systems without /proc (proc(5): boot_id, ns/pid, field 22 of stat).
 */
export function controllerProcess(): string {
  const seat = ownSeat()
  const start = startOf(process.pid)
  return seat === undefined || start === undefined ? "-" : `${seat}:${process.pid}:${start}`
}

/** Whether the process of that word was here and is gone. What ran elsewhere is not known to be. */
export function isGone(word: string): boolean {
  const [seat, pid, start] = word.split(":")
  if (seat === undefined || pid === undefined || start === undefined) return false
  return seat === ownSeat() && startOf(Number(pid)) !== start
}

function ownSeat(): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    const names = readlinkSync("/proc/self/ns/pid")
    return createHash("sha256").update(`${boot} ${names}`).digest("hex").slice(0, 12)
  } catch {
    return undefined
  }
}

/** When a process began, in clock ticks since boot; undefined when it is not there. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .at(19)
  } catch {
    return undefined
  }
}
