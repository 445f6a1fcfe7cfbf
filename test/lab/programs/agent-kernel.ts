import { text } from "node:stream/consumers"
import { localAddresses } from "../../../src/agent/kernel/addresses.ts"
import { probeNeighbours } from "../../../src/agent/kernel/arp-probe.ts"
import { openIpvs } from "../../../src/agent/kernel/ipvs.ts"
import { connectMarked, type MarkedConnection } from "../../../src/agent/kernel/marked-socket.ts"
import { notify } from "../../../src/agent/kernel/notify.ts"
import { toFailure } from "../../../src/core/failure.ts"
import type { IpvsStep, IpvsTimeouts, SyncDaemon } from "../../../src/model/ipvs.ts"

/** One call of the agent's kernel edge: read from standard input as JSON. */
export type KernelCall =
  | { readonly call: "dump" | "daemons" | "timeouts" | "addresses" | "notify" }
  | { readonly call: "set-timeouts"; readonly timeouts: Partial<IpvsTimeouts> }
  | { readonly call: "apply"; readonly steps: readonly IpvsStep[] }
  | { readonly call: "start"; readonly daemon: SyncDaemon }
  | { readonly call: "stop"; readonly role: SyncDaemon["role"] }
  | { readonly call: "get"; readonly times: number; readonly connection: MarkedConnection }
  | { readonly call: "probe"; readonly interface: string; readonly addresses: readonly string[] }

/** Runs on a node: makes the call, prints {ms, result} or {ms, error} as JSON. */
async function main(): Promise<void> {
  const argument = process.argv[2] ?? (await text(process.stdin))
  const start = performance.now()
  const answer = await perform(JSON.parse(argument) as KernelCall).then(
    (result) => ({ result }),
    (error: unknown) => ({ error: toFailure(error).message }),
  )
  const ms = Math.round(performance.now() - start)
  process.stdout.write(`${JSON.stringify({ ms, ...answer })}\n`)
}

async function perform(wanted: KernelCall): Promise<unknown> {
  switch (wanted.call) {
    case "dump":
      return openIpvs().dump()
    case "daemons":
      return openIpvs().daemons()
    case "timeouts":
      return openIpvs().timeouts()
    case "set-timeouts":
      return openIpvs().setTimeouts(wanted.timeouts)
    case "addresses":
      return localAddresses()
    case "notify":
      return notify("ready", "all is well")
    case "apply":
      return openIpvs().apply(wanted.steps)
    case "start":
      return openIpvs().startDaemon(wanted.daemon)
    case "stop":
      return openIpvs().stopDaemon(wanted.role)
    case "get":
      return getRepeatedly(wanted.connection, wanted.times)
    case "probe":
      return probeNeighbours(wanted.interface, wanted.addresses, { timeoutMs: 500 })
  }
}

/** The last answer to a plain HTTP request, where it came from, and how many descriptors were left open on the way. */
async function getRepeatedly(connection: MarkedConnection, times: number): Promise<unknown> {
  let last: { readonly from: string | undefined; readonly body: string } | undefined
  const handles: number[] = []
  for (let turn = 0; turn < times; turn++) {
    const socket = await connectMarked(connection)
    const from = socket.localAddress
    socket.write("GET / HTTP/1.0\r\n\r\n")
    const body = (await text(socket)).split("\r\n\r\n")[1] ?? ""
    socket.destroy()
    last = { from, body }
    handles.push(process.getActiveResourcesInfo().length)
  }
  return { ...last, leaked: (handles.at(-1) ?? 0) - (handles[0] ?? 0) }
}

void main()
