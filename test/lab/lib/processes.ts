import { readdirSync, readFileSync, statSync } from "node:fs"

/** A process that pid reuse can't be mistaken for: `startTime` is in clock ticks since boot. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: number
}

/** Fields of /proc/PID/stat from the third on, the state; undefined when there is no such process (proc(5)). */
function statFields(pid: number | "self"): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The second field, the name, is in parentheses and may hold blanks and parentheses itself.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")
  } catch {
    return undefined
  }
}

/** The running process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startTime: Number(statFields("self")?.[19]) }
}

/** Whether that very process still runs; a zombie does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  const fields = statFields(identity.pid)
  return fields !== undefined && fields[0] !== "Z" && Number(fields[19]) === identity.startTime
}

/** Whether anything but zombies is left of a process group. */
export function groupRuns(group: number): boolean {
  return allPids().some((pid) => {
    const fields = statFields(pid)
    return fields !== undefined && fields[0] !== "Z" && Number(fields[2]) === group
  })
}

/** Processes whose network namespace is the named one (of `ip netns`); zombies have none any more. */
export function processesIn(namespace: string): number[] {
  const inode = inodeOf(`/run/netns/${namespace}`)
  if (inode === undefined) return []
  return allPids().filter((pid) => inodeOf(`/proc/${pid}/ns/net`) === inode)
}

/** SIGKILL to a process, or to a group when negative; that it is gone already is fine. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}
