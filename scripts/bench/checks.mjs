// 10,000 health checks every five seconds from one director: do they begin when they are due? A program of its own, for alone.mjs.
//   node scripts/bench/checks.mjs FOLDER
import { execFileSync, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { runAlone } from "./alone.mjs"
import { printVerdicts } from "./report.mjs"

const self = fileURLToPath(import.meta.url)
const servers = fileURLToPath(new URL("check-servers.mjs", import.meta.url))
const agent = fileURLToPath(new URL("../../dist/agent/lbagent.cjs", import.meta.url))
const count = 10_000
const intervalMs = 5000
const [tcpPort, httpPort] = [8080, 8081]
const [warmMs, measuredMs] = [20_000, 60_000]
/** src/agent/decide/lateness.ts */
const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

/** Runs this file; its figures go to standard output. */
export function checks(folder) {
  if (process.getuid() !== 0) throw new Error("checks: a network of its own takes root")
  runAlone(self, folder)
}

async function main() {
  for (const words of [
    "link add silent type veth peer name end",
    "address add 192.0.2.254/24 dev silent",
    "link set silent arp off up",
    "link set end up",
  ])
    execFileSync("ip", words.split(" "))
  const listening = spawn(process.execPath, [servers, tcpPort, httpPort].map(String), {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(listening.stdout, "data")
  for (const [name, target] of Object.entries(kinds)) await measure(name, target)
  listening.kill()
}

const common = {
  intervalMs,
  timeoutMs: 3000,
  retries: 1,
  delayBeforeRetryMs: 1000,
  rise: 1,
  via: "address",
}

/** What is asked, by the number of the server; every server has an address of its own. */
const kinds = {
  tcp: () => ({ check: { ...common, type: "tcp" }, port: tcpPort }),
  "half tcp, half http": (n) =>
    n % 2 === 0 ? kinds.tcp() : { check: { ...common, ...http, port: httpPort }, port: httpPort },
  "tcp, one in five silent": (n) =>
    n % 5 === 0 ? { ...kinds.tcp(), address: silent(n) } : kinds.tcp(),
}
const http = { type: "http", path: "/healthz", status: [200] }

/** Nobody answers there: what goes to a TEST-NET (RFC 5737) ends behind a device, without a word. */
function silent(n) {
  return `192.0.2.${n % 254}`
}

function targetOf(n, kind) {
  const address = `127.1.${n >> 8}.${n & 255}`
  return {
    target: { key: `tcp 192.0.2.10:80 ${address}:80`, address, vip: "192.0.2.10", ...kind(n) },
    known: { state: "up", message: "", sinceMs: Date.now(), pooled: true },
  }
}

async function measure(name, kind) {
  const health = fork(agent, ["health"])
  const counts = boundsMs.map(() => 0).concat(0)
  const states = new Map()
  let measuring = false
  health.on("message", (message) => {
    if (message.type === "health")
      for (const { key, state } of message.reports) states.set(key, state)
    if (message.type === "lateness" && measuring)
      for (const [index, late] of message.lateness.entries()) counts[index] += late
  })
  health.send({
    type: "targets",
    targets: Array.from({ length: count }, (_, n) => targetOf(n, kind)),
  })
  await sleep(warmMs)
  const before = cpuMs(health.pid)
  measuring = true
  await sleep(measuredMs)
  measuring = false
  print(name, { counts, states, cpu: cpuMs(health.pid) - before, memory: memoryMb(health.pid) })
  health.kill()
  await once(health, "exit")
}

function print(name, { counts, states, cpu, memory }) {
  const all = counts.reduce((sum, one) => sum + one, 0)
  const down = [...states.values()].filter((state) => state === "down").length
  console.log(`\n${count} checks every ${intervalMs / 1000} s: ${name}`)
  console.log(
    `  ${all} checks in ${measuredMs / 1000} s; ${states.size - down} servers up, ${down} down`,
  )
  console.log("  began later than due by")
  let passed = 0
  for (const [index, late] of counts.entries()) {
    if (late === 0) continue
    passed += late
    const bound = boundsMs[index] === undefined ? "more" : `<= ${boundsMs[index]} ms`
    console.log(
      `  ${bound.padStart(10)} ${String(late).padStart(8)} ${((passed / all) * 100).toFixed(2).padStart(7)} %`,
    )
  }
  console.log(
    `  CPU of the health process: ${((cpu / measuredMs) * 100).toFixed(0)} % of a core, ${((cpu * 1000) / all).toFixed(0)} microseconds a check`,
  )
  printVerdicts([
    ["99th percentile of lateness, ms", within(counts, all * 0.99), "<=", 200],
    ["memory of the health process, MB", memory, "<=", 200],
  ])
}

function within(counts, wanted) {
  let passed = 0
  for (const [index, late] of counts.entries()) {
    passed += late
    if (passed >= wanted) return boundsMs[index] ?? Number.POSITIVE_INFINITY
  }
  return Number.POSITIVE_INFINITY
}

/** User and system time of a process so far, in milliseconds (proc(5), /proc/PID/stat; 100 ticks a second). */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** The most memory that a process held so far (proc(5), VmHWM). */
function memoryMb(pid) {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024
}

if (process.argv[1] === self) await main()
