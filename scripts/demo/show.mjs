// The demo itself, as root: four kernels, one apply, a change under load, a power loss. See scripts/demo.mjs.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { loadLab } from "../lab.mjs"
import { act, change, pause, result, tally, timeline, typed } from "./stage.mjs"

const vip = "10.77.0.100"
/** A copy, since the demo edits it. */
const inventory = ".lab/inventories/demo"
/** Where inventories/demo looks for the lab's key and host keys. */
const keys = ".lab/demo"

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/** Runs lbctl as a user would, in the controller's network, and shows what it says. */
async function lbctl(lab, ...args) {
  await typed("lbctl", ...args)
  const child = lab.controller.spawn([process.execPath, "bin/lbctl.js", ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  })
  const code = await new Promise((resolve) => child.once("close", resolve))
  if (code !== 0) throw new Error(`lbctl ${args[0]}: exit ${code}`)
}

/** The real servers that answer one request after the other. */
async function answers(lab, count) {
  await typed(`for i in $(seq ${count}); do curl -s http://${vip}/; done`)
  const seen = []
  for (let index = 0; index < count; index++) {
    const { stdout } = await lab.client.exec(["curl", "-s", "-m", "2", `http://${vip}/`])
    seen.push(stdout.trim().split(" ")[0] || "nobody")
  }
  console.log(seen.join(" "))
  result(!seen.includes("nobody"), `${new Set(seen).size} real servers answer`)
  return !seen.includes("nobody")
}

/** The kernel's own table, by a tool that is not ours. */
async function kernelTable(lab, director) {
  const command = `ipvsadm -Ln -t ${vip}:80`
  await typed("ssh", director, command)
  console.log((await lab.node(director).must(command)).trimEnd())
}

async function masterOf(lab) {
  for (const node of lab.nodes.filter(({ name, running }) => name.startsWith("lb") && running)) {
    if ((await node.must(`ip -br address show to ${vip}`)).includes(vip)) return node.name
  }
  throw new Error("no director holds the VIP")
}

async function boot(Lab) {
  await act(
    "Four machines",
    "Two directors, lb1 and lb2, and two real servers, rs1 and rs2: each a Linux",
    "kernel of its own, with systemd, sshd and a disk. A client asks by a router.",
  )
  const began = Date.now()
  const lab = await Lab.up({ log: (line) => console.log(line) })
  symlinkSync(lab.stateDir, keys)
  await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
  result(true, `all up after ${seconds(Date.now() - began)}`)
  return lab
}

async function firstApply(lab) {
  await act(
    "From nothing to a balanced service",
    "inventories/demo says what shall be; lbctl finds out what is missing, where,",
    "and in which order it is safe: real servers before the directors that use them.",
  )
  await lbctl(lab, "apply", inventory, "--yes")
  await pause(2)
  const isGood = await answers(lab, 8)
  await kernelTable(lab, await masterOf(lab))
  return isGood
}

async function changeUnderLoad(lab) {
  await act(
    "A change under load",
    `A client fetches http://${vip}/ 100 times a second, 20 more connections`,
    "stay open. Meanwhile rs1 gets three times its share:",
  )
  const file = join(inventory, "services/web.yml")
  const [before, after] = ["rs1: { weight: 1 }", "rs1: { weight: 3 }"]
  change(`${file}: ${before}`, `${file}: ${after}`)
  writeFileSync(file, readFileSync(file, "utf8").replace(before, after))
  const target = { address: vip, port: 80 }
  const load = await lab.traffic({ ...target, rate: 100 })
  const held = await lab.held({ ...target, connections: 20 })
  await lbctl(lab, "plan", inventory)
  await pause(2)
  await lbctl(lab, "apply", inventory, "--yes")
  await sleep(2000)
  const [requests, connections] = await Promise.all([load.stop(), held.stop()])
  result(requests.failed === 0, tally(requests))
  result(
    connections.died === 0,
    `${connections.connections} open connections, ${connections.died} died`,
  )
  await kernelTable(lab, await masterOf(lab))
  return requests.failed === 0 && connections.died === 0
}

async function doctor(lab) {
  await act(
    "A hand where it should not be",
    "Somebody lets rs2 answer ARP again: it draws the VIP's packets to itself, past",
    "the directors. No file differs; lbctl doctor sees it, says why it matters, and",
    "mends what an apply can mend.",
  )
  const command = "sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.eth0.arp_ignore=0"
  await typed("ssh", "rs2", command)
  await lab.node("rs2").must(command)
  await lbctl(lab, "doctor", inventory, "--fix", "--yes")
}

async function powerLoss(lab) {
  const master = await masterOf(lab)
  await act(
    "Power loss",
    `${master} is master: its kernel is killed (kill -9) while a client fetches 50 pages a`,
    "second. The backup hears no advert for 3 x advert_int + skew, here 3.6 s, and",
    "takes over.",
  )
  const duration = 10_000
  const load = await lab.traffic({ address: vip, port: 80, rate: 50, duration })
  await sleep(2000)
  await lab.node(master).powerLoss()
  const report = await load.done
  console.log(timeline(report, duration))
  const outage = Math.max(0, ...report.gaps.map(({ fromMs, toMs }) => toMs - fromMs))
  const heir = await masterOf(lab)
  result(heir !== master, `${heir} took over; clients went without answers for ${seconds(outage)}`)
  await pause(2)
  return master
}

async function comeback(lab, name) {
  await act(
    `${name} comes back`,
    "It boots from the disk it had. Nobody does anything; it stays backup, and the",
    "client that fetches 50 pages a second does not notice.",
  )
  const load = await lab.traffic({ address: vip, port: 80, rate: 50 })
  await lab.node(name).boot()
  await lbctl(lab, "show", "nodes", inventory)
  await lbctl(lab, "plan", inventory)
  const requests = await load.stop()
  result(requests.failed === 0, tally(requests))
  return requests.failed === 0
}

async function demo() {
  const { Lab } = await loadLab()
  const isOurs = !existsSync(".lab")
  const cleanUp = () => {
    rmSync(isOurs ? ".lab" : keys, { recursive: true, force: true })
    rmSync(inventory, { recursive: true, force: true })
  }
  process.on("exit", cleanUp)
  // The lab's own handlers follow and end this process; `exit` is not told of that.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, cleanUp)
  rmSync(keys, { force: true })
  rmSync(inventory, { recursive: true, force: true })
  mkdirSync(".lab/inventories", { recursive: true })
  cpSync("inventories/demo", inventory, { recursive: true })

  const lab = await boot(Lab)
  const isGood = [await firstApply(lab), await changeUnderLoad(lab)]
  await doctor(lab)
  isGood.push(await comeback(lab, await powerLoss(lab)))
  await lab.down()
  await act("The end", "The four machines and their network are gone; nothing is left behind.")
  if (isGood.includes(false)) throw new Error("requests failed that should not have")
}

try {
  await demo()
} catch (error) {
  console.error(`\ndemo: ${error.message}`)
  // Ends the lab, too.
  process.exit(1)
}
