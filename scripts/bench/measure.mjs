// What a command costs from start to end, and how two commands compare on one machine at one time.
import { spawnSync } from "node:child_process"
import { runLogged } from "./logged.mjs"

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

// As above, and what the command leaves in the background, such as ssh's masters, is ended and counted as well: bash is the first
// of the processes in a namespace of their own, so it waits for those that lost their parent.
const timedToTheLast = `
{ TIMEFORMAT='wall %R'; time "$@" 2>&4; } 4>&2 2>&3
status=$?
kill -TERM -1 2>/dev/null
while set -- /proc/[0-9]*; [ $# -gt 1 ]; do sleep 0.1; done
times >&3
exit $status`

/**
 * Runs a command to its end, then ends what it left behind; takes root. Options as `runLogged`.
 * @returns as `measure`
 */
export function measureAll(command, options) {
  const apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
  const times = runLogged([...apart, "bash", "-c", timedToTheLast, "time", ...command], options)
  // `wall 1.234`, and from `times` one line of the shell and one of what it waited for, as `0m0.003s 0m0.001s`
  const [wall, , children] = times.trim().split("\n")
  const [user, system] = children.split(" ").map(minutes)
  return { wall: Number(wall.split(" ")[1]) * 1000, cpu: user + system }
}

function minutes(text) {
  const [, whole, rest] = /^(\d+)m([\d.]+)s$/.exec(text)
  return (Number(whole) * 60 + Number(rest)) * 1000
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
