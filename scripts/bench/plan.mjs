// `lbctl plan` on 50 hosts against bare ssh2 clients. As a program of its own, so that root can give it a network and mounts of
// its own (unshare(1)): nothing listens on the machine's addresses, and sshd finds the folder below /run that it insists on.
//   node scripts/bench/plan.mjs FOLDER
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { writeReachableFleet } from "./fleet.mjs"
import { compare } from "./measure.mjs"
import { print, ratio } from "./report.mjs"
import { sshdPath, startSshd } from "./sshd.mjs"

const self = fileURLToPath(import.meta.url)

/** Runs this file; its figures go to standard output. */
export function plan(folder) {
  sshdPath()
  // bash reads ~/.bashrc for a command over SSH; what stands there is not what is measured.
  const bashrc = join(userInfo().homedir, ".bashrc")
  const inside = [
    "ip link set lo up",
    "mount -t tmpfs none /run",
    "mkdir /run/sshd",
    ...(existsSync(bashrc) ? [`mount --bind /dev/null '${bashrc}'`] : []),
    'exec "$@"',
  ].join(" && ")
  const alone = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
  const command = [
    ...(process.getuid() === 0 ? [...alone, "sh", "-c", inside, "sh"] : []),
    process.execPath,
    self,
    folder,
  ]
  const { status, error } = spawnSync(command[0], command.slice(1), { stdio: "inherit" })
  if (status !== 0) throw new Error(`plan: ${error?.message ?? `exit ${status}`}`)
}

/** ssh2's own choice of algorithms differs from lbctl's: this is what lbctl and sshd agree upon. */
const ourAlgorithms = { kex: ["curve25519-sha256"], cipher: ["aes128-gcm@openssh.com"] }

async function main(folder) {
  mkdirSync(folder, { recursive: true })
  const sshd = await startSshd(folder, { hosts: 50, port: 20_000 + (process.pid % 20_000) })
  try {
    const inventory = join(folder, "inventory")
    writeReachableFleet(inventory, sshd.hosts, {
      ansible_user: sshd.user,
      ansible_port: sshd.port,
      ansible_ssh_private_key_file: sshd.key,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${sshd.knownHosts}`,
    })
    const bare = (name, settings) => {
      const file = join(folder, `${name}.json`)
      writeFileSync(file, JSON.stringify({ ...sshd, ...settings }))
      return [process.execPath, fileURLToPath(new URL("bare-client.mjs", import.meta.url)), file]
    }
    const ours = "lbctl plan --limit pool"
    const peers = ["bare ssh2, `true`", "bare ssh2, `true`, our algorithms"]
    const costs = compare(
      {
        [peers[0]]: bare("default", {}),
        [peers[1]]: bare("ours", { algorithms: ourAlgorithms }),
        [ours]: [process.execPath, "bin/lbctl.js", "plan", inventory, "--limit", "pool"],
      },
      { rounds: 7 },
    )
    const verdicts = peers.flatMap((peer) =>
      ["wall", "cpu"].map((kind) => ratio(costs, kind, { of: ours, to: peer, target: 1.5 })),
    )
    print({ title: "Plan on 50 hosts (one sshd on 50 loopback addresses)", costs, verdicts })
  } finally {
    sshd.stop()
  }
}

if (process.argv[1] === self) await main(process.argv[2])
