import { spawn } from "node:child_process"
import { Duplex } from "node:stream"

/**
 * The byte stream of a ProxyCommand (ssh_config(5)), run by the user's shell. It has a session of its own, so that Ctrl-C
 * does not end it before lbctl has finished with the host.
 */
export function runProxyCommand(command: string): Duplex {
  const shell = process.env["SHELL"] ?? "/bin/sh"
  const child = spawn(shell, ["-c", `exec ${command}`], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  })
  let said = ""
  child.stderr.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-1000)))
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  child.on("error", (error) => stream.destroy(error))
  child.on("close", (code) => {
    const words = said.trim().split("\n").at(-1) ?? ""
    if (code !== 0) stream.destroy(new Error(`ProxyCommand: ${words || `it ended with ${code}`}`))
  })
  stream.on("close", () => child.kill())
  return stream
}
