import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import type { LabHost } from "./host.ts"
import { until } from "./until.ts"

/** A running tcpdump. */
export interface Capture {
  /** One line a packet so far. */
  text(): string
  /** Ends it; every packet's line, with link-layer addresses, no names looked up. */
  stop(): Promise<string>
}

/** Starts tcpdump with a filter, and resolves when it listens. */
export async function startCapture(
  host: LabHost,
  device: string,
  filter: string,
): Promise<Capture> {
  const argv = ["tcpdump", "-i", device, "-lnne", "--immediate-mode", "-s", "256", filter]
  const child = host.spawn(argv, { stdio: ["ignore", "pipe", "pipe"] })
  let text = ""
  let stderr = ""
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()))
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
  await until("tcpdump listens", { timeout: 10_000, interval: 20, detail: () => stderr }, () => {
    if (child.exitCode !== null) throw new Error(`tcpdump: ${stderr}`)
    return stderr.includes("listening on")
  })
  return { text: () => text, stop: () => stop(child).then(() => text) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const closed = once(child, "close")
  child.kill("SIGINT")
  await closed
}
