import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { LabIdentity } from "./identity.ts"
import { seedDir } from "./keys.ts"
import { groupRuns, killHard } from "./processes.ts"
import type { ResolvedNode, System } from "./spec.ts"
import { until } from "./until.ts"

/** The init of each system; Debian's BusyBox has it by this name alone. */
const firstProcess: Readonly<Record<System, string>> = {
  systemd: "/lib/systemd/systemd",
  openrc: "/sbin/init",
  sysvinit: "/sbin/init",
  busybox: "/linuxrc",
}

/** What the kernels of a lab boot with. */
export interface Boot {
  /** The disk that the nodes of each system start from. */
  readonly images: ReadonlyMap<System, string>
  /** A library that the kernel needs on this machine's processor. */
  readonly preload: string | undefined
}

/** One User Mode Linux kernel: the hardware of a node, with its power switch. */
export class Kernel {
  readonly #lab: LabIdentity
  readonly #node: ResolvedNode
  readonly #boot: Boot
  readonly #processor: number
  #process: ChildProcess | undefined

  constructor(lab: LabIdentity, node: ResolvedNode, boot: Boot, processor: number) {
    this.#lab = lab
    this.#node = node
    this.#boot = boot
    this.#processor = processor
  }

  /** Whether the kernel runs, or hangs, as opposed to being without power. */
  get running(): boolean {
    return (
      this.#process !== undefined &&
      this.#process.exitCode === null &&
      this.#process.signalCode === null
    )
  }

  /** All that the console ever showed, over all boots. */
  get console(): string {
    return existsSync(this.#consoleFile) ? readFileSync(this.#consoleFile, "utf8") : ""
  }

  /** Power on, with the disk as it is. Returns at once. */
  start(): void {
    if (this.running) throw new Error(`node ${this.#node.name} has power already`)
    rmSync(join(this.#lab.stateDir, "uml", this.#node.name), { recursive: true, force: true })
    const log = openSync(this.#consoleFile, "a")
    // Detached: a process group of its own, which is what loses power. Its death signal ends it with this process.
    this.#process = spawn(
      "ip",
      [
        "netns",
        "exec",
        this.#lab.lan,
        "setpriv",
        "--pdeathsig",
        "KILL",
        "taskset",
        "--cpu-list",
        String(this.#processor),
        "linux.uml",
        ...this.#arguments(),
      ],
      { stdio: ["ignore", log, log], detached: true, env: environment(this.#boot.preload) },
    )
    this.#process.on("error", () => undefined)
    closeSync(log)
  }

  /** Power loss: nothing that the guest has not written to its disk survives. */
  async powerLoss(): Promise<void> {
    const pid = this.#process?.pid
    if (pid === undefined) return
    if (this.running) killHard(-pid)
    await until(
      `${this.#node.name} is dead`,
      { timeout: 10_000, interval: 20 },
      () => !groupRuns(pid),
    )
    await this.ended(1000)
  }

  /** Resolves once the kernel ended by itself, as after `systemctl poweroff`. */
  async ended(timeout: number): Promise<void> {
    await until(`${this.#node.name} is off`, { timeout, interval: 20 }, () => !this.running)
  }

  /** The whole machine stops dead, its memory kept. Only the main process: a stopped group panics when it goes on. */
  hang(): void {
    this.#process?.kill("SIGSTOP")
  }

  /** Goes on after `hang`; for the guest the time between has passed at once. */
  thaw(): void {
    this.#process?.kill("SIGCONT")
  }

  get #consoleFile(): string {
    return join(this.#lab.stateDir, `${this.#node.name}.console`)
  }

  #arguments(): string[] {
    const { name, memory, system, tap, mac } = this.#node
    const image = this.#boot.images.get(system) ?? ""
    return [
      `mem=${memory}M`,
      `umid=${name}`,
      `uml_dir=${join(this.#lab.stateDir, "uml")}`,
      `hostfs=${seedDir(this.#lab.stateDir, name)}`,
      `ubd0=${join(this.#lab.stateDir, `${name}.cow`)},${image}`,
      "root=/dev/ubda",
      "rootfstype=ext4",
      "rw",
      `init=${firstProcess[system]}`,
      "con=null",
      "con0=null,fd:1",
      "console=tty0",
      "quiet",
      // Without gro=1 the driver drops the host's large segments.
      `vec0:transport=tap,ifname=${tap},depth=64,gro=1,mac=${mac}`,
    ]
  }
}

/** The guest's memory is a file where TMPDIR and its like say; without them it is in /dev/shm. */
function environment(preload: string | undefined): NodeJS.ProcessEnv {
  const { TMPDIR: _tmpdir, TMP: _tmp, TEMP: _temp, ...rest } = process.env
  return preload === undefined ? rest : { ...rest, LD_PRELOAD: preload }
}
