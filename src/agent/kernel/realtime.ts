import { readdirSync } from "node:fs"
import { errorWords } from "./errno.ts"
import * as libc from "./libc.ts"

/** include/uapi/linux/sched.h */
const roundRobin = 2

/**
 * Gives every thread of this process a real-time priority, 1 to 99, so that it runs before all that has none (sched(7); needs
 * CAP_SYS_NICE). The reason when the kernel refuses, as it does in some containers: the process then runs on as others do.
 */
export function runInRealTime(priority: number): string | undefined {
  for (const thread of readdirSync("/proc/self/task")) {
    const result = libc.setScheduler(Number(thread), roundRobin, priority)
    if (result < 0) return errorWords(result)
  }
  return undefined
}
