// What processes and all that came of them have cost, from /proc (proc(5)).
import { readdirSync, readFileSync } from "node:fs"

/** Milliseconds in a clock tick: USER_HZ is 100 on every architecture Node runs on. */
const tick = 10

/** CPU in milliseconds of these processes, of those they have waited for, and of all below them. */
export function cpuOfTrees(roots) {
  const processes = readProcesses()
  const trees = roots.flatMap((root) => tree(root, processes))
  return trees.reduce((sum, { cpu }) => sum + cpu, 0)
}

/** How many processes there are below one, itself included. */
export function sizeOfTree(root) {
  return tree(root, readProcesses()).length
}

function tree(root, processes) {
  const own = processes.filter(({ pid }) => pid === root)
  const below = processes.filter(({ parent }) => parent === root)
  return [...own, ...below.flatMap(({ pid }) => tree(pid, processes))]
}

function readProcesses() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parse(Number(name), readFileSync(`/proc/${name}/stat`, "utf8"))]
      } catch {
        return [] // it has ended meanwhile
      }
    })
}

/** The fields behind the command's name, which may hold blanks: state, ppid, … and utime, stime, cutime, cstime (14 to 17). */
function parse(pid, text) {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const cpu = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * tick, 0)
  return { pid, parent: Number(fields[1]), cpu }
}
