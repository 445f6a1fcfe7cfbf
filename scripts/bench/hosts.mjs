// Hosts that share nothing but the kernel: each a real sshd with an /etc, /var/lib, /run, home and process table of its own.
// Takes root, and namespaces that hold no other processes (alone.mjs).
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { cpuOfTrees, sizeOfTree } from "./process-trees.mjs"
import { addresses, listens, sshdPath, writeKeys } from "./sshd.mjs"

const port = 22

/** What a host begins with: an overlay over the machine's /etc, and empty folders. */
const inside = `set -e
mount -t tmpfs none /run
mkdir /run/sshd /run/upper /run/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work none /etc
mkdir -p /etc/keepalived
mount -t tmpfs none /var/lib
cp "$1" /run/authorized_keys
mount -t tmpfs none /root
shift
exec "$@"`

/**
 * Starts `count` fresh hosts on 127.1.0.1 and so on.
 * @returns the hosts, how to log in, `targetCpu` (milliseconds of CPU spent on all of them so far, once they are at rest) and `stop`
 */
export async function startHosts(folder, count) {
  const at = (name) => join(folder, name)
  const hosts = addresses(count).map((address, index) => ({ name: `lb${index + 1}`, address }))
  const { key, knownHosts } = writeKeys(folder, hosts, port)
  writeFileSync(at("sshd_config"), settings(at("host_key")))
  const trees = hosts.map(({ address }) => startHost(at, address))
  for (const { address } of hosts) await reachable(address)
  return {
    hosts,
    port,
    user: "root",
    key,
    knownHosts,
    async targetCpu() {
      await atRest(trees)
      return cpuOfTrees(trees.map(({ pid }) => pid))
    },
    async stop() {
      const ended = trees.map((tree) => new Promise((resolve) => tree.once("close", resolve)))
      for (const tree of trees) tree.kill("SIGKILL")
      await Promise.all(ended)
    },
  }
}

function startHost(at, address) {
  const apart = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
  const sshd = [sshdPath(), "-D", "-e", "-f", at("sshd_config"), "-o", `ListenAddress=${address}`]
  return spawn("unshare", [...apart, "sh", "-c", inside, "sh", at("user_key.pub"), ...sshd], {
    stdio: ["ignore", "ignore", "inherit"],
  })
}

function settings(hostKey) {
  return `Port ${port}
HostKey ${hostKey}
AuthorizedKeysFile /run/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
LogLevel FATAL
`
}

async function reachable(address) {
  for (let tries = 0; !(await listens(port, address)); tries++) {
    if (tries > 200) throw new Error(`the sshd of ${address} does not start`)
    await sleep(50)
  }
}

/** Nothing is left on a host but unshare and sshd: what a tool started there has ended, and its CPU is accounted for. */
async function atRest(trees) {
  for (const { pid } of trees) {
    for (let tries = 0; sizeOfTree(pid) > 2; tries++) {
      if (tries > 600)
        throw new Error("a host is still at work a minute after its controller ended")
      await sleep(100)
    }
  }
}
