#!/usr/bin/env node
// npm run demo: the main job on real kernels. Sets up what is missing, boots two directors and two real servers,
// applies inventories/demo, changes it under load, pulls the master's plug, and cleans up.
import { spawnSync } from "node:child_process"
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
import { fileURLToPath } from "node:url"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))

const vip = "10.77.0.100"
const inventory = ".lab/inventories/demo"
const started = Date.now()

const bold = process.stdout.isTTY && !process.env.NO_COLOR ? ["\u001b[1m", "\u001b[0m"] : ["", ""]

function say(text) {
  console.log(`\n${bold[0]}${text}${bold[1]}`)
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" })
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `exit ${status}`}`)
}

async function setUp() {
  if (!existsSync("node_modules/.package-lock.json")) run("npm", "ci")
  if (process.getuid() !== 0) {
    // Network namespaces and kernels with disks of their own need root.
    const { status } = spawnSync("sudo", ["-E", process.execPath, fileURLToPath(import.meta.url)], {
      stdio: "inherit",
    })
    process.exit(status ?? 1)
  }
  run("node", "scripts/build.mjs")
  run("node", "scripts/setup-lab.mjs")
}

/** Runs lbctl as a user would, in the controller's network, and shows what it says. */
async function lbctl(lab, ...args) {
  console.log(`\n$ lbctl ${args.join(" ")}`)
  const child = lab.controller.spawn([process.execPath, "bin/lbctl.js", ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  })
  const code = await new Promise((resolve) => child.once("close", resolve))
  if (code !== 0) throw new Error(`lbctl ${args[0]}: exit ${code}`)
}

async function answers(lab, count) {
  const seen = []
  for (let index = 0; index < count; index++) {
    const { stdout } = await lab.client.exec(["curl", "-s", "-m", "2", `http://${vip}/`])
    seen.push(stdout.trim().split(" ")[0] || "no answer")
  }
  return seen
}

function report({ sent, ok, failed, servers, gaps }) {
  const shares = Object.entries(servers).map(([name, count]) => `${name} ${count}`)
  console.log(`${sent} requests, ${ok} answered (${shares.join(", ")}), ${failed} failed`)
  return gaps
}

async function masterOf(lab) {
  for (const name of ["lb1", "lb2"]) {
    const { stdout } = await lab.node(name).run(`ip -br address show to ${vip}`)
    if (stdout.includes(vip)) return name
  }
  throw new Error("no director holds the VIP")
}

async function demo() {
  await setUp()
  const { loadLab } = await import("./lab.mjs")
  const { Lab } = await loadLab()
  say("Four kernels boot: two directors (lb1, lb2), two real servers (rs1, rs2)")
  const booting = Date.now()
  const lab = await Lab.up({ log: (line) => console.log(line) })
  try {
    mkdirSync(".lab/inventories", { recursive: true })
    rmSync(".lab/demo", { force: true })
    symlinkSync(lab.stateDir, ".lab/demo")
    rmSync(inventory, { recursive: true, force: true })
    cpSync("inventories/demo", inventory, { recursive: true })
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    console.log(
      `up in ${((Date.now() - booting) / 1000).toFixed(1)} s, each with systemd, sshd and a disk of its own`,
    )

    say("From nothing to a balanced service: one apply")
    await lbctl(lab, "apply", inventory, "--yes")
    say("The client asks the VIP eight times")
    console.log((await answers(lab, 8)).join(" "))

    say("A weight changes while a client fetches 100 pages a second")
    const services = join(inventory, "services/web.yml")
    writeFileSync(
      services,
      readFileSync(services, "utf8").replace("rs1: { weight: 1 }", "rs1: { weight: 3 }"),
    )
    const load = await lab.traffic({ address: vip, port: 80, rate: 100 })
    await lbctl(lab, "plan", inventory)
    await lbctl(lab, "apply", inventory, "--yes")
    const underLoad = await load.stop()
    report(underLoad)
    console.log((await answers(lab, 8)).join(" "))
    await lbctl(lab, "show", "backends", inventory)

    const master = await masterOf(lab)
    say(`Power loss of the master director: kill -9 of ${master}'s kernel`)
    const takeover = await lab.traffic({ address: vip, port: 80, rate: 50, duration: 8000 })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await lab.node(master).powerLoss()
    const gaps = report(await takeover.done)
    const longest = Math.max(0, ...gaps.map(({ fromMs, toMs }) => toMs - fromMs))
    console.log(
      `taken over after ${(longest / 1000).toFixed(1)} s (3 x advert_int + skew is 3.6 s); ${await masterOf(lab)} holds the VIP`,
    )

    say(`${master} comes back with the disk it had, and nothing has to be done`)
    await lab.node(master).boot()
    await lbctl(lab, "show", "nodes", inventory)
    if (underLoad.failed > 0)
      throw new Error(`${underLoad.failed} requests failed during the change of weight`)
  } finally {
    await lab.down()
    rmSync(".lab/demo", { force: true })
    rmSync(inventory, { recursive: true, force: true })
  }
  say(`Done in ${((Date.now() - started) / 1000).toFixed(0)} s; the lab is gone`)
}

await demo().catch((error) => {
  console.error(`demo: ${error.message}`)
  process.exitCode = 1
})
