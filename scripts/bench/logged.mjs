import { spawnSync } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"

/**
 * Runs a command to its end, in `cwd`; what it prints goes to the file `log`.
 * @returns what it wrote to descriptor 3
 * @throws Error with the end of the log, when it fails
 */
export function runLogged(command, { cwd, log }) {
  const file = openSync(log, "w")
  const { status, error, output } = spawnSync(command[0], command.slice(1), {
    cwd,
    stdio: ["ignore", file, file, "pipe"],
    encoding: "utf8",
  })
  closeSync(file)
  if (error) throw error
  if (status === 0) return output[3]
  const words = readFileSync(log, "utf8").slice(-4000)
  throw new Error(`${command.join(" ")}: exit ${status}\n${words}`)
}
