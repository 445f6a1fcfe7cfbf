import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import type { LabHost } from "./host.ts"
import { labFile } from "./project.ts"
import { until } from "./until.ts"

/** Where to, and how long; all times are milliseconds. */
interface Target {
  readonly address: string
  readonly port: number
  /** `/` by default. */
  readonly path?: string
  /** For one answer, connecting included; 1000 by default. */
  readonly timeout?: number
  /** Until it ends by itself; without it, until it is stopped. */
  readonly duration?: number
}

export interface TrafficOptions extends Target {
  /** Requests a second, each over a new connection. */
  readonly rate: number
}

export interface HeldOptions extends Target {
  /** Opened at the start, each asked once a second. */
  readonly connections: number
}

export interface TrafficReport {
  readonly sent: number
  readonly ok: number
  readonly failed: number
  /** How often: `timeout`, `ECONNREFUSED`, `HTTP 500` and so on. */
  readonly errors: Readonly<Record<string, number>>
  /** How many answers each node gave. */
  readonly servers: Readonly<Record<string, number>>
  /** From the first request that failed to the next that did not, counted from the start. */
  readonly gaps: readonly {
    readonly fromMs: number
    readonly toMs: number
    readonly lost: number
  }[]
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface HeldReport {
  readonly connections: number
  /** Those that were closed, reset or not answered in time. */
  readonly died: number
  /** With the node that held it, if it ever answered. */
  readonly deaths: readonly {
    readonly atMs: number
    readonly error: string
    readonly server?: string
  }[]
  /** Answers in all. */
  readonly requests: number
  /** How many connections each node holds. */
  readonly servers: Readonly<Record<string, number>>
}

/** A client at work. */
export interface Traffic<Report> {
  /** Ends it and gives its report. */
  stop(): Promise<Report>
  /** The report, once it ended by itself. */
  readonly done: Promise<Report>
}

/** Starts requests at a steady rate, and resolves when the first was sent. */
export function startTraffic(
  host: LabHost,
  options: TrafficOptions,
): Promise<Traffic<TrafficReport>> {
  return start(host, { mode: "new", ...options })
}

/** Opens connections to be kept, and resolves when the first was opened. */
export function startHeld(host: LabHost, options: HeldOptions): Promise<Traffic<HeldReport>> {
  return start(host, { mode: "held", ...options })
}

async function start<Report>(
  host: LabHost,
  options: Target & { readonly mode: string },
): Promise<Traffic<Report>> {
  const words = JSON.stringify({ path: "/", timeout: 1000, ...options })
  const child = host.spawn([process.execPath, labFile("programs", "traffic.mjs"), words], {
    stdio: ["pipe", "pipe", "pipe"],
  })
  let stdout = ""
  let stderr = ""
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin?.on("error", () => undefined)
  const done = report<Report>(
    child,
    () => stdout,
    () => stderr,
  )
  // Whoever waits for it sees why it failed; nobody may be waiting yet.
  done.catch(() => undefined)
  await until("the client starts", { timeout: 10_000, interval: 10, detail: () => stderr }, () =>
    stderr.includes("started"),
  )
  return {
    done,
    stop: () => {
      child.stdin?.end()
      return done
    },
  }
}

async function report<Report>(
  child: ChildProcess,
  stdout: () => string,
  stderr: () => string,
): Promise<Report> {
  await once(child, "close")
  if (child.exitCode !== 0) throw new Error(`the traffic client failed: ${stderr()}`)
  return JSON.parse(stdout()) as Report
}
