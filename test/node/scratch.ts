import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { nodeScript as readNodeScript } from "../../src/cli/assets.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import type { Operation } from "../../src/model/plan.ts"
import { stageFiles, type Stage } from "../../src/wire/stage.ts"
import { removeFolder } from "../folders.ts"

const doubles = fileURLToPath(new URL("./doubles", import.meta.url))
const freebsdDoubles = fileURLToPath(new URL("./freebsd-doubles", import.meta.url))

/** What nodes get. */
export const nodeScript = readNodeScript()

/** Programs of Linux that FreeBSD 13 lacks, and those of which it knows fewer options, or others. */
const absent =
  "base64 chkconfig flock ip modprobe rc-update setsid sha256sum systemctl systemd-run update-rc.d"
const limited =
  "chmod cmp cp date df find grep install ln ls mkdir mv od ps rm rmdir sed sleep tail tar timeout true"

export function installed(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, program)))
}

/** `user:group` that a test may give files to. */
export const owner = `${userInfo().username}:${execFileSync("id", ["-gn"], { encoding: "utf8" }).trim()}`

/** The same on a scratch node that is FreeBSD's. */
export const wheelOwner = `${userInfo().username}:wheel`

const initFolders: Readonly<Record<Exclude<ScratchInit, "rc">, readonly string[]>> = {
  systemd: ["run/systemd/system", "etc/systemd/system"],
  openrc: [
    "run/openrc/started",
    "etc/init.d",
    ...["sysinit", "boot", "default"].map((level) => `etc/runlevels/${level}`),
  ],
  sysvinit: ["etc/init.d", ..."S0123456".split("").map((level) => `etc/rc${level}.d`)],
  busybox: ["etc/init.d"],
  other: ["etc"],
}

export interface Ended {
  readonly code: number | null
  readonly lines: readonly string[]
  readonly stderr: string
}

/** What starts services on a scratch node. */
export type ScratchInit = "systemd" | "openrc" | "sysvinit" | "busybox" | "rc" | "other"

/**
 * A folder that stands for a node's root, with doubles of ip, modprobe and what the init systems come with, that live in it; with
 * init `rc`, with doubles of all that is different on FreeBSD.
 */
export class Scratch {
  readonly root = mkdtempSync(join(tmpdir(), "lbctl-node-"))
  readonly #shell: readonly string[]
  readonly #children: ChildProcess[] = []
  #doubles = doubles
  #tools = doubles

  constructor(shell: readonly string[] = ["dash"], init: ScratchInit = "systemd") {
    this.#shell = shell
    this.write("double/lbctl-node.sh", nodeScript)
    if (init === "rc") this.#beFreeBsd()
    else this.#beLinux(init)
  }

  #beLinux(init: Exclude<ScratchInit, "rc">): void {
    for (const folder of [
      ...initFolders[init],
      "run",
      "var/lib",
      "double/enabled",
      "double/running",
      "double/modules",
    ])
      mkdirSync(join(this.root, folder), { recursive: true })
    if (init === "busybox")
      this.write(
        "etc/init.d/rcS",
        '#!/bin/sh\nfor i in /etc/init.d/S??*; do "$i" start; done\n',
        0o755,
      )
    if (init !== "systemd" && init !== "openrc") this.write("proc/1/comm", "init\n")
    this.write("double/addresses", "lo 127.0.0.1/8\n")
    this.write("proc/sys/net/ipv4/conf/all/arp_ignore", "0\n")
    this.write("proc/sys/kernel/random/boot_id", "boot-1\n")
    this.write("sys/class/net/tunl0/flags", "0x0\n")
    this.write("double/modules/ip_vs", "")
  }

  #beFreeBsd(): void {
    this.#doubles = join(this.root, "double/bin")
    this.#tools = this.#doubles
    for (const folder of [
      "etc/rc.d",
      "etc/rc.conf.d",
      "usr/local/etc/rc.d",
      "var/lib",
      "var/run",
      "double/bin",
      "double/running",
    ])
      mkdirSync(join(this.root, folder), { recursive: true })
    const link = (program: string, name: string) =>
      symlinkSync(join(freebsdDoubles, program), join(this.#doubles, name))
    for (const name of readdirSync(freebsdDoubles)) link(name, name)
    symlinkSync(join(freebsdDoubles, "rc.subr"), join(this.root, "etc/rc.subr"))
    for (const name of absent.split(" ")) link("absent", name)
    for (const name of limited.split(" ")) link("limited", name)
    this.write("double/links", "lo0 UP,LOOPBACK,RUNNING,MULTICAST 16384 -\n")
    this.write("double/addresses", "lo0 127.0.0.1/8\nlo0 ::1/128\nlo0 fe80::1/64\n")
    this.write("double/sysctls", "net.link.ether.inet.proxyall: 0\n")
    this.write("double/boot_id", "0123456789abcdef")
  }

  write(path: string, text: string, mode = 0o644): void {
    const full = join(this.root, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
    chmodSync(full, mode)
  }

  /** From now on a call of these tools by the script can be its last: see doubles/crash. */
  makeFragile(tools: readonly string[]): void {
    mkdirSync(join(this.root, "double/fragile"), { recursive: true })
    for (const tool of tools)
      symlinkSync(join(doubles, "crash"), join(this.root, "double/fragile", tool))
    this.#tools = `${join(this.root, "double/fragile")}:${this.#doubles}`
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8")
  }

  has(path: string): boolean {
    return lstatSync(join(this.root, path), { throwIfNoEntry: false }) !== undefined
  }

  /** Lays the stage out as the archive would, and has the script check it. */
  async stage(
    transaction: string,
    bundle: Bundle,
    operations: readonly Operation[],
    given: Partial<Stage> = {},
  ): Promise<Ended> {
    const who = {
      by: "Ada O'Neil",
      from: "laptop",
      since: "2026-01-02T03:04:05Z",
      run: "run1",
      what: "apply",
    }
    const files = stageFiles({
      bundle,
      operations,
      changes: [],
      directors: [],
      keep: { count: 10, maxAgeMs: 86_400_000 },
      who,
      script: nodeScript,
      ...given,
    })
    for (const file of files)
      this.write(`var/lib/lbctl/stage/${transaction}/${file.path}`, String(file.content), 0o600)
    return this.run(["stage", transaction])
  }

  /** Runs a verb of the script to its end; standard input is at its end. */
  run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(words, env, "ignore").ended
  }

  /** Starts a verb; `until` waits for a line that begins so. */
  start(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    stdin: "pipe" | "ignore" = "pipe",
  ): Started {
    const transaction = words[1] ?? ""
    const staged = join(this.root, "var/lib/lbctl/stage", transaction, "lbctl-node.sh")
    const kept = join(this.root, "var/lib/lbctl/lbctl-node.sh")
    const early = ["stage", "activate", "abort"].includes(words[0] ?? "")
    const path = early ? staged : existsSync(kept) ? kept : join(this.root, "double/lbctl-node.sh")
    const [program = "", ...options] = this.#shell
    const child = spawn(program, [...options, path, ...words], {
      stdio: [stdin, "pipe", "pipe"],
      env: { ...this.environment(), ...env },
    })
    this.#children.push(child)
    return new Started(child)
  }

  /** What a process on this node finds in its environment. */
  environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: `${this.#tools}:${process.env["PATH"] ?? ""}`,
      LBCTL_ROOT: this.root,
      LBCTL_TEST_DOUBLES: this.#doubles,
    }
  }

  /** As if it had last changed so many seconds ago. */
  age(path: string, seconds: number): void {
    const then = Date.now() / 1000 - seconds
    utimesSync(join(this.root, path), then, then)
  }

  removePath(path: string): void {
    rmSync(join(this.root, path), { recursive: true })
  }

  list(path: string): string[] {
    return readdirSync(join(this.root, path)).sort()
  }

  link(target: string, path: string): void {
    symlinkSync(target, join(this.root, path))
  }

  /** Everything a node is judged by: files with modes, sysctls, addresses, units; without what lbctl keeps for itself. */
  state(): Record<string, string> {
    const found: Record<string, string> = {}
    const walk = (folder: string) => {
      for (const entry of readdirSync(join(this.root, folder), { withFileTypes: true })) {
        const path = join(folder, entry.name)
        if (/^(var\/lib|run|var\/run)\/lbctl/.test(path)) continue
        if (/^double\/(bin|log|calls|fragile)/.test(path)) continue
        const stat = lstatSync(join(this.root, path))
        const mode = (stat.mode & 0o7777).toString(8)
        if (entry.isDirectory()) walk(path)
        if (entry.isDirectory()) found[path] = mode
        else found[path] = entry.isSymbolicLink() ? "link" : `${mode} ${this.read(path)}`
      }
    }
    walk("")
    return found
  }

  /** Revert timers that still sleep. */
  timers(): number {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, "utf8")
          return words.includes(this.root) && words.includes("timer")
        } catch {
          return false
        }
      }).length
  }

  async remove(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL")
    for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      try {
        if (readFileSync(`/proc/${name}/cmdline`, "utf8").includes(`${this.root}/`))
          process.kill(Number(name), "SIGKILL")
      } catch {
        continue
      }
    }
    await removeFolder(this.root)
  }
}

/** A running verb of the script. */
export class Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  #stdout = ""
  readonly #waiting: { readonly prefix: string; readonly resolve: (line: string) => void }[] = []

  constructor(child: ChildProcess) {
    this.child = child
    let stderr = ""
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString()
      this.#tell()
    })
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => {
        resolve({ code, lines: this.lines(), stderr })
        for (const waiter of this.#waiting) waiter.resolve("(ended)")
      })
    })
  }

  lines(): string[] {
    return this.#stdout.split("\n").filter((line) => line !== "")
  }

  until(prefix: string): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push({ prefix, resolve })
      this.#tell()
    })
  }

  /** The controller goes. */
  leave(): Promise<Ended> {
    this.child.stdin?.end()
    return this.ended
  }

  #tell(): void {
    for (const { prefix, resolve } of this.#waiting) {
      const line = this.lines().find((candidate) => candidate.startsWith(prefix))
      if (line !== undefined) resolve(line)
    }
  }
}
