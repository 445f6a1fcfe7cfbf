import { readFileSync } from "node:fs"

/**
 * The processor each of `count` kernels keeps to, in turn from a random one on, of those this process may use
 * (`Cpus_allowed_list` in proc(5)). A User Mode Linux kernel and its guest's programs wake each other at every system call
 * and never run at once: on one processor that is a switch, across two of a virtual machine it takes 4 to 5 times as long.
 */
export function processorsFor(count: number): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
  const allowed = parseList(list ?? "0")
  const first = Math.floor(Math.random() * allowed.length)
  return Array.from({ length: count }, (_, index) => allowed[(first + index) % allowed.length] ?? 0)
}

/** The numbers of a list such as `0-3,8` (cpuset(7), list format). */
export function parseList(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split("-").map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}
