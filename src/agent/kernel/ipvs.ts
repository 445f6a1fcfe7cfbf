import { Failure } from "../../core/failure.ts"
import type { SyncDaemon } from "../../model/ipvs.ts"
import { commands, ipvsFamily } from "../protocol/ipvs-constants.ts"
import {
  decodeDaemon,
  decodeTimeouts,
  encodeDaemon,
  encodeDaemonRole,
  encodeTimeouts,
  type SyncRole,
} from "../protocol/ipvs-daemon.ts"
import { describeRefusal } from "./errno.ts"
import { applySteps } from "./ipvs-apply.ts"
import { dumpTable } from "./ipvs-dump.ts"
import type { IpvsKernel } from "./ipvs-kernel.ts"
import { type FamilySocket, openFamily } from "./netlink.ts"

const nothing = new Uint8Array()

/**
 * The IPVS of the process's network namespace.
 * @throws Failure when the kernel has none; needs CAP_NET_ADMIN for every use.
 */
export function openIpvs(): IpvsKernel {
  const socket = openFamily(ipvsFamily.name, ipvsFamily.version)
  if (socket === undefined)
    throw new Failure("failed", "this kernel has no IPVS", {
      hint: "load it with `modprobe ip_vs`; containers and minimal kernels may lack the module",
    })
  return {
    dump: () => dumpTable(socket),
    apply: (steps) => applySteps(socket, steps),
    timeouts: () =>
      decodeTimeouts(socket.get({ command: commands.getConfig, attributes: nothing })),
    setTimeouts: (timeouts) =>
      command(socket, "set timeouts", commands.setConfig, encodeTimeouts(timeouts)),
    daemons: () => listDaemons(socket),
    startDaemon: (daemon) => startDaemon(socket, daemon),
    stopDaemon: (role) => stopDaemon(socket, role),
    close: () => socket.close(),
  }
}

function listDaemons(socket: FamilySocket): readonly SyncDaemon[] {
  const daemons: SyncDaemon[] = []
  socket.dump({ command: commands.getDaemon, attributes: nothing }, (payload) => {
    const daemon = decodeDaemon(payload)
    if (daemon !== undefined) daemons.push(daemon)
  })
  return daemons
}

function startDaemon(socket: FamilySocket, daemon: SyncDaemon): void {
  stopDaemon(socket, daemon.role)
  const what = `start the ${daemon.role} sync daemon on ${daemon.interface}`
  command(socket, what, commands.newDaemon, encodeDaemon(daemon))
}

/** The kernel answers nothing when it stops a daemon that had no time to start, so the list is what counts. */
function stopDaemon(socket: FamilySocket, role: SyncRole): void {
  const runs = () => listDaemons(socket).some((daemon) => daemon.role === role)
  if (!runs()) return
  const request = { command: commands.deleteDaemon, attributes: encodeDaemonRole(role) }
  const [outcome = { errno: 0 }] = socket.batch([request])
  if (outcome.errno !== 0 && runs())
    throw new Failure("failed", `cannot stop the ${role} sync daemon: ${describeRefusal(outcome)}`)
}

function command(socket: FamilySocket, what: string, number: number, attributes: Uint8Array): void {
  const [outcome] = socket.batch([{ command: number, attributes }])
  if (outcome !== undefined && outcome.errno !== 0)
    throw new Failure("failed", `cannot ${what}: ${describeRefusal(outcome)}`)
}
