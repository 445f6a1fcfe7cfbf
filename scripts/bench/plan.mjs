// `lbctl plan` on 50 hosts against bare ssh2 clients. A program of its own, for alone.mjs.
//   node scripts/bench/plan.mjs FOLDER
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { runAlone } from "./alone.mjs"
import { writeReachableFleet } from "./fleet.mjs"
import { compare } from "./measure.mjs"
import { print, ratio } from "./report.mjs"
import { ourAlgorithms, sshdPath, startSshd } from "./sshd.mjs"

const self = fileURLToPath(import.meta.url)

/** Runs this file; its figures go to standard output. */
export function plan(folder) {
  sshdPath()
  runAlone(self, folder)
}

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
