import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, writeFileSync, readFileSync, mkdirSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { homedir, tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import type { Connection } from "../../src/model/fleet.ts"
import { dial } from "../../src/push/dial.ts"
import { connectionTo } from "../connections.ts"
import { removeFolder } from "../folders.ts"

/** Where OpenSSH's server is, which insists on being called by an absolute path. */
const sshdPath = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find(existsSync)

const isRoot = process.getuid?.() === 0

/** Whether sshd can be given folders of its own, so that what is done through it does not touch this machine. */
export const hasPrivateSshd =
  sshdPath !== undefined && isRoot && spawnSync("unshare", ["-m", "true"]).status === 0

export const hasSshd = sshdPath !== undefined && (!isRoot || hasPrivateSshd)

/**
 * A command line that runs another with empty `folders` of its own; root's sshd needs its folder below /run. The home is
 * among them: bash reads ~/.bashrc for a command over SSH, and what stands there may be slow or wait for others.
 */
function inNamespace(folders: readonly string[], commands: readonly string[]): string[] {
  if (!isRoot) return []
  const mounts = ["/run", homedir(), ...folders].map(
    (folder) => `mount -t tmpfs lbctl-test ${folder}`,
  )
  const script = [...mounts, "mkdir /run/sshd", ...commands, 'exec "$@"'].join(" && ")
  return ["unshare", "-m", "sh", "-c", script, "sh"]
}

/** A real sshd on a port of the loopback, with a home folder for the client in a temporary folder. */
export interface Sshd {
  readonly port: number
  readonly folder: string
  readonly home: string
  readonly user: string
  /** Public host key line: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string
  readonly connection: Connection
  /** Replaces the client's known_hosts. */
  know(text: string): void
  stop(): Promise<void>
}

/** How an sshd differs from a plain one. */
export interface SshdSettings {
  /** More lines of sshd_config; they count before the usual ones. */
  readonly config?: readonly string[]
  /** Shell commands before it starts, in its private namespace; the folder stands for `FOLDER` (only where `hasPrivateSshd`). */
  readonly commands?: readonly string[]
}

/** @param privateFolders empty ones of its own for logins (only where `hasPrivateSshd`). */
export async function startSshd(
  privateFolders: readonly string[] = [],
  { config: more = [], commands = [] }: SshdSettings = {},
): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-sshd-"))
  const home = join(folder, "home")
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 })
  keygen("ed25519", join(folder, "host_key"))
  keygen("ed25519", join(home, ".ssh/id_ed25519"))
  const authorized = join(folder, "authorized_keys")
  writeFileSync(authorized, readFileSync(join(home, ".ssh/id_ed25519.pub")), { mode: 0o600 })
  const port = await freePort()
  const config = join(folder, "sshd_config")
  writeFileSync(
    config,
    [
      ...more,
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${join(folder, "host_key")}`,
      `AuthorizedKeysFile ${authorized}`,
      `PidFile ${join(folder, "pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "LogLevel DEBUG1",
      "",
    ].join("\n"),
  )
  const argv = [
    ...inNamespace(
      privateFolders,
      commands.map((command) => command.replaceAll("FOLDER", folder)),
    ),
    sshdPath ?? "sshd",
    "-D",
    "-f",
    config,
    "-E",
    join(folder, "log"),
  ]
  const [command = "", ...rest] = argv
  const child = spawn(command, rest, { stdio: "ignore" })
  await answering(port)
  const user = userInfo().username
  const hostKey = readFileSync(join(folder, "host_key.pub"), "utf8").trim()
  const know = (text: string) => writeFileSync(join(home, ".ssh/known_hosts"), text)
  know(`[127.0.0.1]:${port} ${hostKey}\n`)
  return {
    port,
    folder,
    home,
    user,
    hostKey,
    connection: { ...connectionTo("127.0.0.1", port), user },
    know,
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve))
      child.kill()
      await gone
      await removeFolder(folder)
    },
  }
}

export function keygen(type: string, path: string, passphrase = ""): void {
  const made = spawnSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", path])
  if (made.status !== 0) throw new Error(String(made.stderr))
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = await dial("127.0.0.1", port, 1000).catch(() => undefined)
    if (socket !== undefined) {
      socket.destroy()
      return
    }
    await sleep(20)
  }
  throw new Error("sshd did not start")
}
