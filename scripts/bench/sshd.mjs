// A real sshd on many loopback addresses, with keys and settings of its own.
import { execFileSync, spawn } from "node:child_process"
import { connect } from "node:net"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** ssh2's own choice of algorithms differs from lbctl's: this is what lbctl and sshd agree upon. */
export const ourAlgorithms = { kex: ["curve25519-sha256"], cipher: ["aes128-gcm@openssh.com"] }

/**
 * Starts an sshd that this user may log in to with a fresh key; on 127.1.0.1, 127.1.0.2, … as many as `hosts`.
 * @returns the hosts, the key and known_hosts files, the port, and `stop`
 */
export async function startSshd(folder, { hosts: count, port }) {
  const at = (name) => join(folder, name)
  const hosts = addresses(count).map((address, index) => ({ name: `rs${index + 1}`, address }))
  const { key, knownHosts } = writeKeys(folder, hosts, port)
  writeFileSync(at("sshd_config"), settings(at, port))
  // sshd wants its own path in full: it executes itself anew for each connection.
  const server = spawn(sshdPath(), ["-D", "-e", "-f", at("sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  let words = ""
  server.stderr.setEncoding("utf8").on("data", (text) => (words = (words + text).slice(-2000)))
  for (let tries = 0; !(await listens(port, "127.1.0.1")); tries++) {
    if (server.exitCode !== null || tries > 100) throw new Error(`sshd does not start:\n${words}`)
    await sleep(50)
  }
  return {
    hosts,
    port,
    user: userInfo().username,
    key,
    knownHosts,
    stop: () => server.kill(),
  }
}

/**
 * A host key for all hosts and a key to log in with: `host_key` and `user_key` in the folder, and `.pub` beside them.
 * @returns the user's key and the known_hosts file
 */
export function writeKeys(folder, hosts, port) {
  mkdirSync(folder, { recursive: true })
  for (const name of ["host_key", "user_key"])
    execFileSync("ssh-keygen", [
      "-q",
      "-t",
      "ed25519",
      "-N",
      "",
      "-C",
      name,
      "-f",
      join(folder, name),
    ])
  const hostKey = readFileSync(join(folder, "host_key.pub"), "utf8")
  const name = (address) => (port === 22 ? address : `[${address}]:${port}`)
  const lines = hosts.map(({ address }) => `${name(address)} ${hostKey}`)
  writeFileSync(join(folder, "known_hosts"), lines.join(""))
  return { key: join(folder, "user_key"), knownHosts: join(folder, "known_hosts") }
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

/** 127.1.0.1, 127.1.0.2, … */
export function addresses(count) {
  return Array.from(
    { length: count },
    (_, index) => `127.1.${(index + 1) >> 8}.${(index + 1) & 255}`,
  )
}

/** Whether somebody takes connections there. */
export function listens(port, address) {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}
