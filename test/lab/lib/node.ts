import type { ExecOptions, Outcome } from "./exec.ts"
import type { LabIdentity } from "./identity.ts"
import type { Kernel } from "./kernel.ts"
import { plugPort, unplugPort } from "./network.ts"
import type { ResolvedNode } from "./spec.ts"
import { SshSession } from "./ssh.ts"
import { until } from "./until.ts"

/** What the network does to the packets a node sends; given to tc-netem(8). */
export interface Impairment {
  /** 0 to 100. */
  readonly lossPercent?: number
  /** Milliseconds. */
  readonly delay?: number
  /** Milliseconds around `delay`. */
  readonly jitter?: number
}

/** A machine of the lab. */
export class LabNode {
  readonly name: string
  readonly address: string
  readonly address6: string
  /** Of its eth0; the same over all boots. */
  readonly mac: string
  readonly #lab: LabIdentity
  readonly #node: ResolvedNode
  readonly #kernel: Kernel
  readonly #session: SshSession

  constructor(lab: LabIdentity, node: ResolvedNode, kernel: Kernel, sshConfig: string) {
    this.name = node.name
    this.address = node.address
    this.address6 = node.address6
    this.mac = node.mac
    this.#lab = lab
    this.#node = node
    this.#kernel = kernel
    this.#session = new SshSession(lab, sshConfig, node.name)
  }

  /** False without power; a hung node runs. */
  get running(): boolean {
    return this.#kernel.running
  }

  /** The last lines of its console. */
  consoleTail(lines = 30): string {
    const tail = this.#kernel.console.trimEnd().split("\n").slice(-lines)
    return `--- console of ${this.name} ---\n${tail.join("\n")}`
  }

  /**
   * Runs a shell command as root over ssh, whose host key is checked. Code 255 is ssh's own failure, as when the
   * node can't be reached. A background job must redirect all three of its streams, or ssh waits for it.
   */
  async run(command: string, options: ExecOptions = {}): Promise<Outcome> {
    try {
      return await this.#session.run(command, options)
    } catch (error) {
      throw new Error(`${this.name}: ${String(error)}\n${this.consoleTail()}`, { cause: error })
    }
  }

  /** Standard output of a command that must succeed. */
  async must(command: string, options: ExecOptions = {}): Promise<string> {
    const outcome = await this.run(command, options)
    if (outcome.code === 0) return outcome.stdout
    throw new Error(`${this.name}: exit code ${outcome.code}: ${command}\n${outcome.stderr}`)
  }

  /** Power on with the disk as it is; resolves when ssh works. */
  async boot(timeout = 180_000): Promise<void> {
    const before = this.#kernel.console.length
    this.#kernel.start()
    await until(`${this.name} boots`, { timeout, detail: () => this.consoleTail() }, () => {
      if (!this.running) throw new Error(`${this.name} died while booting\n${this.consoleTail()}`)
      return this.#kernel.console.slice(before).includes("lab-ready")
    })
    await until(
      `${this.name} lets ssh in`,
      { timeout: 30_000, detail: () => this.consoleTail() },
      async () => (await this.run("true")).code === 0,
    )
  }

  /** Power loss, at this very moment. */
  async powerLoss(): Promise<void> {
    await this.#kernel.powerLoss()
    this.#session.close()
  }

  /** An orderly shutdown. */
  async powerOff(timeout = 60_000): Promise<void> {
    await this.run(this.#node.system === "systemd" ? "systemctl poweroff" : "poweroff")
    await this.#kernel.ended(timeout)
    await this.#kernel.powerLoss()
    this.#session.close()
  }

  /** The machine stops dead but keeps its memory. */
  hang(): void {
    this.#kernel.hang()
  }

  /** It goes on, as after a long stall. */
  thaw(): void {
    this.#kernel.thaw()
  }

  /** Nothing passes between it and the switch; its own link stays up. */
  async unplug(): Promise<void> {
    await unplugPort(this.#lab, this.#node)
  }

  /** Back on the switch. */
  async plug(): Promise<void> {
    await plugPort(this.#lab, this.#node)
    // The old connection would wait for TCP's next retransmission, which may be long off.
    this.#session.close()
  }

  /** Loses or delays what it sends from now on. */
  async impair(impairment: Impairment): Promise<void> {
    const { lossPercent = 0, delay = 0, jitter = 0 } = impairment
    await this.must(
      `tc qdisc replace dev eth0 root netem loss ${lossPercent}% delay ${delay}ms ${jitter}ms`,
    )
  }

  /** Sends as it should again. */
  async unimpair(): Promise<void> {
    await this.must("tc qdisc delete dev eth0 root")
  }

  /** One ping to another address: whether an answer came within a second. */
  async reaches(address: string): Promise<boolean> {
    return (await this.run(`ping -c 1 -W 1 ${address}`)).code === 0
  }
}
