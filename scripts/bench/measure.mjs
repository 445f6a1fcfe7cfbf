// What a command costs from start to end, and how two commands compare on one machine at one time.
import { spawnSync } from "node:child_process"

// bash's `time` keyword reads the system's account of a process that has ended (getrusage(2), children it waited for included),
// to a millisecond; what Node itself could read of a child counts in ticks of 10 ms.
const timed = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&3'

/**
 * Runs a command to its end.
 * @returns wall and CPU (user and system, of the process and the children it waited for) in milliseconds.
 * @throws Error with what the command wrote, when it ends with another code than `code`.
 */
export function measure(command, { code = 0, ...options } = {}) {
  const { status, error, stderr, output } = spawnSync("bash", ["-c", timed, "time", ...command], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    encoding: "utf8",
    ...options,
  })
  if (error) throw error
  if (status !== code)
    throw new Error(`${command.join(" ")}: exit ${status}\n${output[3]}${stderr}`)
  const [wall, user, system] = stderr.trim().split(" ").map(Number)
  return { wall: wall * 1000, cpu: (user + system) * 1000 }
}

/**
 * Runs the commands in turn, `rounds` times over, so that what else the machine does falls on all of them alike; a first round
 * fills the disk cache and is not counted.
 * @param commands name to command, or to a function that runs one and returns what it cost
 * @returns name to medians, with the number of rounds
 */
export function compare(commands, { rounds, ...options }) {
  const entries = Object.entries(commands)
  const samples = new Map(entries.map(([name]) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, command] of entries) {
      const cost = typeof command === "function" ? command() : measure(command, options)
      if (round >= 0) samples.get(name).push(cost)
    }
  }
  return new Map(
    [...samples].map(([name, costs]) => [
      name,
      { wall: median(costs.map(({ wall }) => wall)), cpu: median(costs.map(({ cpu }) => cpu)) },
    ]),
  )
}

/** The middle of the values, or the mean of the middle two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
