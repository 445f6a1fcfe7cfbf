// lbctl beside Ansible and Mitogen: the same hosts, the same files, the same run. A program of its own, for alone.mjs.
//   node scripts/bench/ansible.mjs FOLDER
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { runAlone } from "./alone.mjs"
import { installPackages } from "./debian.mjs"
import { startHosts } from "./hosts.mjs"
import { measureAll, median } from "./measure.mjs"
import { peakMemory } from "./memory.mjs"
import { printVerdicts, printWithHosts } from "./report.mjs"
import { writeSite } from "./site.mjs"

const self = fileURLToPath(import.meta.url)
const count = 50
const cases = ["plan, all to change", "first apply", "no-op apply"]
const bare = "bare ssh2, `true`"
/** How often each goes through its three cases; one has to wait a quarter of an hour for Ansible. */
const rounds = { lbctl: 5, mitogen: 2, ansible: 1 }
/** For the figure that is a ratio of two short times. */
const pairs = 4

/** Runs this file; its figures go to standard output. */
export function ansible(folder) {
  if (process.getuid() !== 0) throw new Error("ansible: hosts with an /etc of their own take root")
  installPackages(["ansible-core", "ansible-mitogen", "openssh-server", "iproute2"])
  runAlone(self, folder)
}

async function main(folder) {
  const samples = new Map()
  const note = (tool, what, cost) => {
    const key = `${tool}: ${what}`
    samples.set(key, [...(samples.get(key) ?? []), cost])
  }
  const memory = await withHosts(join(folder, "memory"), ({ site }) => peaks(site))
  for (let round = 0; round < Math.max(...Object.values(rounds)); round++) {
    for (const tool of Object.keys(rounds)) {
      if (round >= rounds[tool]) continue
      console.error(`  ${tool}, round ${round + 1} of ${rounds[tool]}`)
      await withHosts(join(folder, `${tool}-${round}`), (setting) => goThrough(tool, setting, note))
    }
  }
  const costs = new Map([...samples].map(([key, list]) => [key, medians(list)]))
  printWithHosts({ title: `${count} hosts, five files each`, costs })
  printVerdicts(targets(costs, memory))
}

/** Fresh hosts, and what each tool needs to know of them. */
async function withHosts(folder, work) {
  const hosts = await startHosts(folder, count)
  try {
    return await work({ hosts, site: writeSite(join(folder, "site"), hosts) })
  } finally {
    await hosts.stop()
  }
}

async function goThrough(tool, { hosts, site }, note) {
  const cost = async (command) => {
    const before = await hosts.targetCpu()
    const { wall, cpu } = measureAll(command, site.options)
    return { wall, cpu, targets: (await hosts.targetCpu()) - before }
  }
  const commands = site.commands[tool]
  for (const what of cases) note(tool, what, await cost(commands[what]))
  if (tool !== "lbctl") return
  for (let pair = 0; pair < pairs; pair++) {
    note(bare, "connect", await cost(site.bare))
    note(tool, "no-op apply", await cost(commands["no-op apply"]))
  }
}

/** The most memory lbctl has held, in MB, in any of the three cases; a round that is not timed, which also fills the disk cache. */
function peaks(site) {
  return Math.max(...cases.map((what) => peakMemory(site.commands.lbctl[what], site.options)))
}

function medians(list) {
  return Object.fromEntries(
    ["wall", "cpu", "targets"].map((kind) => [kind, median(list.map((cost) => cost[kind]))]),
  )
}

function targets(costs, memory) {
  const of = (tool, what) => costs.get(`${tool}: ${what}`)
  const times = (tool, kind, what) => of(tool, what)[kind] / of("lbctl", what)[kind]
  return [
    ...cases.map((what) => [
      `wall, ${what}, Ansible / lbctl`,
      times("ansible", "wall", what),
      ">=",
      30,
    ]),
    ...cases.map((what) => [
      `CPU, ${what}, Mitogen / lbctl`,
      times("mitogen", "cpu", what),
      ">=",
      10,
    ]),
    [
      `wall, no-op apply, lbctl / ${bare}`,
      of("lbctl", "no-op apply").wall / of(bare, "connect").wall,
      "<=",
      1.4,
    ],
    ["memory of lbctl, MB", memory, "<=", 300],
  ]
}

if (process.argv[1] === self) await main(process.argv[2])
