// Runs on the node, bundled as the agent is (scripts/build-agent.mjs --entry): does one thing and prints the milliseconds from then
// until the kernel holds what it is to bring about. It asks the kernel itself, for one service: a process started for each look would
// cost more than what is measured.
//   node until-held.cjs '{"act": {...}, "until": {...}}'
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createConnection } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { openFamily } from "../../src/agent/kernel/netlink.ts"
import { commands, ipvsFamily } from "../../src/agent/protocol/ipvs-constants.ts"
import { decodeDestination, encodeServiceKey } from "../../src/agent/protocol/ipvs-request.ts"

/** What can be done: each gets ready for it, and returns what does it. Nothing waits for an answer. */
const acts = {
  /** A command of the shell. */
  command: (text) => () => spawn("sh", ["-c", text], { stdio: "ignore" }),
  /** A request to the agent, over a connection on which it has answered another: what is measured is no client's start. */
  request: async ({ method, path, body }) => {
    const socket = createConnection("/run/lbctl/agent.sock")
    socket.write("GET / HTTP/1.1\r\nhost: agent\r\n\r\n")
    await once(socket, "data")
    const head = `${method} ${path} HTTP/1.1\r\nhost: agent\r\ncontent-length: ${body.length}`
    return () => socket.write(`${head}\r\n\r\n${body}`)
  },
  /** SIGHUP to the process of that file. */
  hangup: (pidFile) => {
    const pid = Number(readFileSync(pidFile, "utf8"))
    return () => process.kill(pid, "SIGHUP")
  },
}

void main(JSON.parse(process.argv[2]))

async function main({ act, until }) {
  const family = openFamily(ipvsFamily.name, ipvsFamily.version)
  const [[name, value]] = Object.entries(act)
  const isHeld = () => fits(destinations(family, until.service), until)
  const begin = await acts[name](value)
  if (isHeld()) throw new Error("the kernel holds it already")
  const beganMs = performance.now()
  begin()
  // A look costs time of what is looked at: the longer it takes, the fewer.
  while (!isHeld()) await sleep(Math.max(2, (performance.now() - beganMs) / 100))
  console.log((performance.now() - beganMs).toFixed(1))
  process.exit(0)
}

/** Those of the service at port 80 of a VIP; none when there is no such service. */
function destinations(family, address) {
  const key = { kind: "address", protocol: "tcp", address, port: 80 }
  const request = { command: commands.getDestination, attributes: encodeServiceKey(key) }
  const found = []
  family.dump(request, (payload) => found.push(decodeDestination(payload, key).destination))
  return found
}

function fits(found, { servers, server, weight }) {
  if (servers !== undefined) return found.length === servers
  return found.some(
    (destination) => destination.address === server && destination.weight === weight,
  )
}
