// traffic.mjs OPTIONS-AS-JSON: requests over HTTP at a steady rate, a report as JSON at the end.
//   new connections: {"mode":"new","address","port","path","rate","timeout","duration"}
//   held ones:       {"mode":"held","address","port","path","connections","timeout","duration"}
// Times are milliseconds. SIGTERM, or the end of standard input, ends it early. Writes "started" to standard error.
import { request } from "node:http"
import { connect } from "node:net"
import { performance } from "node:perf_hooks"

const options = JSON.parse(process.argv[2])
const begin = performance.now()
const elapsed = () => Math.round(performance.now() - begin)
let stop = () => undefined
const stopped = new Promise((resolve) => (stop = resolve))
process.on("SIGTERM", stop)
process.stdin.on("end", stop).resume()
if (options.duration !== undefined) setTimeout(stop, options.duration)

/** One request; resolves to {server} or {error}, never later than the timeout. */
function fetchOnce() {
  return new Promise((resolve) => {
    const { address, port, path } = options
    const call = request({ host: address, port, path, agent: false }, (response) => {
      response.resume()
      response.on("error", (error) => done({ error: error.code ?? error.message }))
      response.on("end", () => {
        if (response.statusCode === 200) done({ server: response.headers["x-node"] ?? "?" })
        else done({ error: `HTTP ${response.statusCode}` })
      })
    })
    const timer = setTimeout(() => {
      done({ error: "timeout" })
      call.destroy()
    }, options.timeout)
    function done(result) {
      clearTimeout(timer)
      resolve(result)
    }
    call.on("error", (error) => done({ error: error.code ?? error.message }))
    call.end()
  })
}

/** Starts `action` every `interval` milliseconds by the clock, late ones at once, until stopped. */
async function every(interval, action) {
  const pending = []
  let count = 0
  const tick = () => {
    for (const now = performance.now() - begin; count * interval <= now; count++) {
      pending.push(action())
    }
  }
  const timer = setInterval(tick, Math.min(interval, 10))
  tick()
  await stopped
  clearInterval(timer)
  await Promise.all(pending)
}

async function newConnections() {
  const attempts = []
  await every(1000 / options.rate, async () => {
    const attempt = { at: elapsed() }
    attempts.push(attempt)
    Object.assign(attempt, await fetchOnce(), { end: elapsed() })
  })
  const good = attempts.filter(({ server }) => server !== undefined)
  const latencies = good.map(({ at, end }) => end - at).sort((a, b) => a - b)
  return {
    sent: attempts.length,
    ok: good.length,
    failed: attempts.length - good.length,
    errors: tally(attempts.map(({ error }) => error)),
    servers: tally(attempts.map(({ server }) => server)),
    gaps: gapsOf(attempts),
    latencyMs: {
      p50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
      p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
      max: latencies.at(-1) ?? 0,
    },
  }
}

/** Runs of failed attempts, each from the first that failed to the next that did not. */
function gapsOf(attempts) {
  const gaps = []
  let open
  for (const { at, server } of attempts) {
    if (server === undefined) {
      open ??= { fromMs: at, toMs: at, lost: 0 }
      open.toMs = at
      open.lost += 1
    } else if (open !== undefined) {
      gaps.push({ ...open, toMs: at })
      open = undefined
    }
  }
  return open === undefined ? gaps : [...gaps, open]
}

async function heldConnections() {
  const held = Array.from({ length: options.connections }, hold)
  await every(1000, () => {
    for (const one of held) one.ask()
  })
  const alive = held.filter(({ death }) => death === undefined)
  for (const { socket } of held) socket.destroy()
  return {
    connections: held.length,
    died: held.length - alive.length,
    deaths: held.flatMap(({ death, server }) =>
      death === undefined ? [] : [{ ...death, server }],
    ),
    requests: held.reduce((sum, { answers }) => sum + answers, 0),
    servers: tally(held.map(({ server }) => server)),
  }
}

/** One connection that is asked again and again; an answer that does not come in time counts as its death. */
function hold() {
  const { address, port, path, timeout } = options
  const socket = connect({ host: address, port })
  const one = { socket, answers: 0, death: undefined, server: undefined, ask }
  let timer
  function die(error) {
    clearTimeout(timer)
    one.death ??= { atMs: elapsed(), error }
    socket.destroy()
  }
  function ask() {
    if (one.death !== undefined || timer !== undefined) return
    timer = setTimeout(() => die("timeout"), timeout)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address}\r\n\r\n`)
  }
  // One small answer comes in one piece: the server writes it in one call.
  socket.on("data", (chunk) => {
    clearTimeout(timer)
    timer = undefined
    one.answers += 1
    one.server ??= /^x-node: (\S+)/im.exec(chunk.toString())?.[1]
  })
  socket.on("error", (error) => die(error.code ?? error.message))
  socket.on("close", () => die("closed"))
  return one
}

function tally(values) {
  const counts = {}
  for (const value of values) if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

process.stderr.write("started\n")
const report = await (options.mode === "held" ? heldConnections() : newConnections())
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))
