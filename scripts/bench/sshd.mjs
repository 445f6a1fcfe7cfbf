// A real sshd on many loopback addresses, with keys and settings of its own.
import { execFileSync, spawn } from "node:child_process"
import { connect } from "node:net"
import { readFileSync, writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * Starts an sshd that this user may log in to with a fresh key; on 127.1.0.1, 127.1.0.2, … as many as `hosts`.
 * @returns the hosts, the key and known_hosts files, the port, and `stop`
 */
export async function startSshd(folder, { hosts: count, port }) {
  const at = (name) => join(folder, name)
  for (const name of ["host_key", "user_key"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)])
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `rs${index + 1}`,
    address: `127.1.${(index + 1) >> 8}.${(index + 1) & 255}`,
  }))
  const hostKey = readFileSync(at("host_key.pub"), "utf8")
  writeFileSync(
    at("known_hosts"),
    hosts.map(({ address }) => `[${address}]:${port} ${hostKey}`).join(""),
  )
  writeFileSync(at("sshd_config"), settings(at, port))
  // sshd wants its own path in full: it executes itself anew for each connection.
  const server = spawn(sshdPath(), ["-D", "-e", "-f", at("sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  let words = ""
  server.stderr.setEncoding("utf8").on("data", (text) => (words = (words + text).slice(-2000)))
  for (let tries = 0; !(await listens(port)); tries++) {
    if (server.exitCode !== null || tries > 100) throw new Error(`sshd does not start:\n${words}`)
    await sleep(50)
  }
  return {
    hosts,
    port,
    user: userInfo().username,
    key: at("user_key"),
    knownHosts: at("known_hosts"),
    stop: () => server.kill(),
  }
}

/** Where sshd is. @throws Error with the way to get it */
export function sshdPath() {
  const path = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`
  try {
    return execFileSync("sh", ["-c", "command -v sshd"], {
      env: { ...process.env, PATH: path },
      encoding: "utf8",
    }).trim()
  } catch {
    throw new Error("this needs OpenSSH's sshd: apt-get install openssh-server")
  }
}

function settings(at, port) {
  return `Port ${port}
ListenAddress 0.0.0.0
HostKey ${at("host_key")}
AuthorizedKeysFile ${at("user_key.pub")}
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 1000
LogLevel ERROR
`
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.1.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}
