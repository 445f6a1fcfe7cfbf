// lbctl on 500 hosts: does it fit? A program of its own, for alone.mjs.
//   node scripts/bench/scale.mjs FOLDER
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { runAlone } from "./alone.mjs"
import { peakMemory } from "./memory.mjs"
import { printVerdicts } from "./report.mjs"
import { writeSite } from "./site.mjs"
import { addresses, writeKeys } from "./sshd.mjs"

const self = fileURLToPath(import.meta.url)
const server = fileURLToPath(new URL("ssh2-server.mjs", import.meta.url))
const count = 500
const port = 22

/** Runs this file; its figures go to standard output. */
export function scale(folder) {
  if (process.getuid() !== 0) throw new Error("scale: hosts with an /etc of their own take root")
  runAlone(self, folder)
}

async function main(folder) {
  const hosts = addresses(count).map((address, index) => ({ name: `lb${index + 1}`, address }))
  const { key, knownHosts } = writeKeys(folder, hosts, port)
  const child = spawn(process.execPath, [server, folder, String(port), String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(child.stdout, "data")
  const site = writeSite(join(folder, "site"), { hosts, port, user: "root", key, knownHosts })
  const verdicts = Object.entries(site.commands.lbctl).map(([what, command]) => [
    `memory of lbctl, ${what}, MB`,
    peakMemory(command, site.options),
    "<=",
    300,
  ])
  console.log(`\n${count} hosts, five files each, on ssh2's server class`)
  printVerdicts(verdicts)
  child.kill()
}

if (process.argv[1] === self) await main(process.argv[2])
