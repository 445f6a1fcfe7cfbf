import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { labUnavailable } from "./available.ts"
import type { Capture } from "./capture.ts"
import { startCapture } from "./capture.ts"
import { processorsFor } from "./cpus.ts"
import { destroy, reap } from "./destroy.ts"
import { LabHost } from "./host.ts"
import type { HttpService, HttpTrouble } from "./http.ts"
import { breakHttp, healHttp, serveHttp } from "./http.ts"
import type { LabIdentity } from "./identity.ts"
import { newIdentity } from "./identity.ts"
import { cacheFolder, ensureImage } from "./image.ts"
import type { Boot } from "./kernel.ts"
import { Kernel } from "./kernel.ts"
import type { SshFiles } from "./keys.ts"
import { writeSeeds } from "./keys.ts"
import { bridge, createNetwork, flushNeighbours } from "./network.ts"
import { LabNode } from "./node.ts"
import { onExit } from "./on-exit.ts"
import type { Cut } from "./partition.ts"
import { applyCuts } from "./partition.ts"
import type { NodeSpec, ResolvedNode, System } from "./spec.ts"
import { defaultNodes, lanAddresses, resolveNodes } from "./spec.ts"
import type { HeldOptions, HeldReport, Traffic, TrafficOptions, TrafficReport } from "./traffic.ts"
import { startHeld, startTraffic } from "./traffic.ts"
import { ensureWideRegisters } from "./wide-registers.ts"

export interface LabOptions {
  /** lb1, lb2, rs1 and rs2 by default. */
  readonly nodes?: readonly (string | NodeSpec)[]
  /** Gives every node a user `ops` with the same authorized key and sudo without a password. */
  readonly ops?: boolean
  /** Is told what takes long; standard error by default. */
  readonly log?: (line: string) => void
}

/**
 * Separate kernels as separate machines on one network segment, with a controller and router on it and a client
 * behind the router. All of it is gone when this process is, however that ended; after SIGKILL with the next
 * `Lab.up`.
 */
export class Lab {
  /** Holds `id_ed25519`, `known_hosts` and `ssh_config`, and each node's disk and console. */
  readonly stateDir: string
  readonly ssh: SshFiles
  readonly nodes: readonly LabNode[]
  /** The router too. */
  readonly controller: LabHost
  readonly client: LabHost
  readonly #identity: LabIdentity
  readonly #resolved: readonly ResolvedNode[]
  #cuts: readonly Cut[] = []

  private constructor(
    identity: LabIdentity,
    resolved: readonly ResolvedNode[],
    ssh: SshFiles,
    boot: Boot,
  ) {
    const a = lanAddresses
    this.#identity = identity
    this.#resolved = resolved
    this.stateDir = identity.stateDir
    this.ssh = ssh
    this.controller = new LabHost(identity.lan, a.controller, a.controller6)
    this.client = new LabHost(identity.client, a.client, a.client6)
    const processors = processorsFor(resolved.length)
    this.nodes = resolved.map((node, index) => {
      const kernel = new Kernel(identity, node, boot, processors[index] ?? 0)
      return new LabNode(identity, node, kernel, ssh.config)
    })
  }

  /** Builds the image if need be, boots all nodes, and resolves when ssh to each works. */
  static async up(options: LabOptions = {}): Promise<Lab> {
    const reason = labUnavailable()
    if (reason !== undefined) throw new Error(reason)
    const nodes = resolveNodes(options.nodes ?? defaultNodes)
    reap()
    const boot = {
      images: await ensureImages(nodes, options.log ?? logToStderr),
      preload: await ensureWideRegisters(cacheFolder()),
    }
    const identity = newIdentity()
    onExit(() => destroy(identity))
    try {
      await mkdir(identity.stateDir, { mode: 0o700 })
      await mkdir(join(identity.stateDir, "uml"))
      const ssh = await writeSeeds(identity.stateDir, nodes, { ops: options.ops ?? false })
      await createNetwork(identity, nodes)
      const lab = new Lab(identity, nodes, ssh, boot)
      await Promise.all(lab.nodes.map((node) => node.boot()))
      return lab
    } catch (error) {
      destroy(identity)
      throw error
    }
  }

  /** Removes the labs whose process is gone. Returns how many there were. */
  static reap(): number {
    return reap().length
  }

  /** The node of that name. */
  node(name: string): LabNode {
    const node = this.nodes.find((candidate) => candidate.name === name)
    if (node === undefined) throw new Error(`the lab has no node ${name}`)
    return node
  }

  /** From now on two nodes don't hear each other; `controller` as the other leaves the client's way open. */
  async cut(one: string, other: string): Promise<void> {
    const cut: Cut = [this.#find(one), other === "controller" ? other : this.#find(other)]
    this.#cuts = [...this.#cuts, cut]
    await applyCuts(this.#identity, this.#cuts)
  }

  /** Undoes all cuts. */
  async heal(): Promise<void> {
    this.#cuts = []
    await applyCuts(this.#identity, this.#cuts)
  }

  /** Starts tcpdump on the nodes' segment: every frame between any two machines. */
  capture(filter: string): Promise<Capture> {
    return startCapture(this.controller, bridge, filter)
  }

  /** Starts a small web server on a node; see `serveHttp`. */
  serveHttp(node: string, service: HttpService): Promise<void> {
    return serveHttp(this.node(node), service)
  }

  /** Makes that web server fail. */
  breakHttp(node: string, port: number, trouble: HttpTrouble): Promise<void> {
    return breakHttp(this.node(node), port, trouble)
  }

  /** Makes it well again. */
  healHttp(node: string, port: number): Promise<void> {
    return healHttp(this.node(node), port)
  }

  /** Starts requests from the client at a steady rate. */
  traffic(options: TrafficOptions): Promise<Traffic<TrafficReport>> {
    return startTraffic(this.client, options)
  }

  /** Opens connections from the client and keeps them busy. */
  held(options: HeldOptions): Promise<Traffic<HeldReport>> {
    return startHeld(this.client, options)
  }

  /** Makes router and controller forget the MAC addresses they know. */
  flushNeighbours(): Promise<void> {
    return flushNeighbours(this.#identity)
  }

  /** Ends everything, by power loss, and leaves nothing behind. */
  async down(): Promise<void> {
    destroy(this.#identity)
    await Promise.all(this.nodes.map((node) => node.powerLoss()))
  }

  #find(name: string): ResolvedNode {
    const node = this.#resolved.find((candidate) => candidate.name === name)
    if (node === undefined) throw new Error(`the lab has no node ${name}`)
    return node
  }
}

async function ensureImages(
  nodes: readonly ResolvedNode[],
  log: (line: string) => void,
): Promise<ReadonlyMap<System, string>> {
  const images = new Map<System, string>()
  for (const system of new Set(nodes.map((node) => node.system))) {
    images.set(system, await ensureImage(system, log))
  }
  return images
}

function logToStderr(line: string): void {
  process.stderr.write(`lab: ${line}\n`)
}
