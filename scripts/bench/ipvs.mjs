// The agent in a kernel of the lab, beside ipvsadm and keepalived: 1,000 services of 10 real servers each.
//   node scripts/bench/ipvs.mjs FOLDER
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { loadLab } from "../lab.mjs"
import { setupLab } from "../setup-lab.mjs"
import { agentState, keepalivedConf, rules, size } from "./ipvs-table.mjs"
import { median } from "./measure.mjs"
import { printVerdicts } from "./report.mjs"

const agent = "/opt/lbctl/agent/lbagent"
const untilHeld = "/opt/lbctl/until-held/lbagent"
const rounds = 3
/** The last service has its last real server only when all others have theirs. */
const complete = { service: size.lastVip, servers: size.servers }
const weightOfFirst = (weight) => ({
  service: size.firstVip,
  server: size.firstServer,
  weight,
})
const reload = { request: { method: "POST", path: "/reload", body: "" } }
const curl = (path, ...options) =>
  `curl -sf --max-time 120 --unix-socket /run/lbctl/agent.sock ${options.join(" ")} 'http://agent${path}' >/dev/null`

await main(process.argv[2])

async function main(folder) {
  await setupLab()
  const { Lab } = await loadLab()
  const lab = await Lab.up({ nodes: [{ name: "lb1", memory: 768 }] })
  try {
    const node = lab.node("lb1")
    await prepare(node, folder)
    report(await measureAll(node))
  } finally {
    await lab.down()
  }
}

async function prepare(node, folder) {
  mkdirSync(folder, { recursive: true })
  const build = (name, ...options) =>
    execFileSync(process.execPath, [
      "scripts/build-agent.mjs",
      `--directory=${join(folder, name)}`,
      ...options,
    ])
  build("agent")
  build("until-held", "--entry", "scripts/bench/until-held.mjs")
  const input = execFileSync("tar", ["-C", folder, "-cf", "-", "agent", "until-held"], {
    maxBuffer: 1e9,
  })
  await node.must("mkdir -p /opt/lbctl/runtime/current && tar -C /opt/lbctl -xf -", { input })
  const runtime = "/opt/lbctl/runtime/current/node"
  await node.must(`cat >${runtime} && chmod 755 ${runtime}`, {
    input: readFileSync(process.execPath),
  })
  const files = {
    "/root/rules": rules(),
    "/root/empty.json": agentState({ services: 0 }),
    "/root/full.json": agentState({}),
    "/root/changed.json": agentState({ firstWeight: 7 }),
    "/root/keepalived.conf": keepalivedConf({}),
    "/root/changed.conf": keepalivedConf({ firstWeight: 7 }),
  }
  for (const [path, text] of Object.entries(files)) await node.must(`cat >${path}`, { input: text })
  await node.must("mkdir -p /etc/lbctl /run/lbctl; modprobe -a ip_vs ip_vs_wlc")
}

/** Milliseconds from an act on the node until its kernel holds something (until-held.mjs). */
async function time(node, act, until) {
  const argument = JSON.stringify({ act, until })
  return Number(await node.must(`${untilHeld} '${argument}'`, { timeout: 300_000 }))
}

async function measureAll(node) {
  const samples = []
  for (let round = 0; round < rounds; round++) samples.push(await measureOnce(node))
  return Object.fromEntries(
    Object.keys(samples[0]).map((name) => [name, median(samples.map((sample) => sample[name]))]),
  )
}

async function measureOnce(node) {
  await node.must("ipvsadm -C")
  const ipvsadm = await time(node, { command: "ipvsadm -R </root/rules" }, complete)
  await node.must("ipvsadm -C")
  return { ipvsadm, ...(await measureAgent(node)), ...(await measureKeepalived(node)) }
}

async function measureAgent(node) {
  const define = (file) => node.must(`cp /root/${file} /etc/lbctl/agent.json`)
  const stop =
    "pkill -f 'lbagent.cj[s] daemon'; while pgrep -f 'lbagent.cj[s] ' >/dev/null; do sleep 0.1; done"
  await define("full.json")
  const begun = await time(
    node,
    { command: `exec ${agent} daemon </dev/null >/root/agent.log 2>&1` },
    complete,
  )
  await node.must(`until ${curl("/status")}; do sleep 0.1; done`, { timeout: 300_000 })
  await define("empty.json")
  await node.must(`${curl("/reload", "-X POST")}; ipvsadm -C`, { timeout: 300_000 })
  await define("full.json")
  const filled = await time(node, reload, complete)
  await define("changed.json")
  const changed = await time(node, reload, weightOfFirst(7))
  const body = JSON.stringify({ action: "drain", host: size.firstHost, by: "bench" })
  const drain = { request: { method: "POST", path: "/overrides", body } }
  const drained = await time(node, drain, weightOfFirst(0))
  await node.must(curl(`/overrides?action=drain&by=bench&host=${size.firstHost}`, "-X DELETE"))
  const memory = await memoryOf(node, "lbagent.cj[s]")
  await node.must(`${stop}; ipvsadm -C`)
  return { begun, filled, changed, drained, memory }
}

/** Megabytes of physical memory of all processes of that command line, shared pages counted once (smaps_rollup, Pss). */
async function memoryOf(node, pattern) {
  const said = await node.must(
    `for pid in $(pgrep -f '${pattern}'); do grep ^Pss: /proc/$pid/smaps_rollup; done`,
  )
  const sizes = [...said.matchAll(/^Pss:\s+(\d+) kB/gm)].map(([, size]) => Number(size))
  return sizes.reduce((sum, size) => sum + size, 0) / 1024
}

async function measureKeepalived(node) {
  const define = (file) => node.must(`cp /root/${file} /root/running.conf`)
  await define("keepalived.conf")
  const start = { command: "exec keepalived -C -f /root/running.conf" }
  const keepalivedBegun = await time(node, start, complete)
  await define("changed.conf")
  const hangup = { hangup: "/run/keepalived.pid" }
  const keepalivedChanged = await time(node, hangup, weightOfFirst(7))
  await node.must(
    "kill $(cat /run/keepalived.pid); while pgrep -x keepalived >/dev/null; do sleep 0.1; done; ipvsadm -C",
  )
  return { keepalivedBegun, keepalivedChanged }
}

function report(costs) {
  const lines = [
    ["from empty by ipvsadm -R", costs.ipvsadm],
    ["from empty by the running agent", costs.filled],
    ["from empty by the agent's start", costs.begun],
    ["from empty by keepalived's start", costs.keepalivedBegun],
    ["one weight by the agent's reload", costs.changed],
    ["one weight by an override", costs.drained],
    ["one weight by keepalived's reload", costs.keepalivedChanged],
  ]
  console.log(
    `\nipvs: ${size.services} services of ${size.servers} real servers, in a kernel of the lab`,
  )
  for (const [name, ms] of lines)
    console.log(`  ${name.padEnd(36)} ${ms.toFixed(0).padStart(7)} ms`)
  printVerdicts([
    ["from empty, ipvsadm -R / agent", costs.ipvsadm / costs.filled, ">=", 5],
    ["from empty, keepalived's start / agent's", costs.keepalivedBegun / costs.begun, ">=", 1],
    [
      "one weight, keepalived's reload / override",
      costs.keepalivedChanged / costs.drained,
      ">=",
      20,
    ],
    ["memory of the agent's processes in MB", costs.memory, "<=", 200],
  ])
}
