import { execFile, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { version } from "../../src/agent/version.ts"

const folder = mkdtempSync(join(tmpdir(), "lbagent-daemon-"))
const bundle = join(folder, "agent", "lbagent.cjs")
const env = { ...process.env, LBAGENT_ROOT: join(folder, "root") }
// Nothing is ever configured here but a definition that is refused: the kernel of this machine is not touched.
const desired = join(folder, "root/etc/lbctl/agent.json")

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function lbagent(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle, ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    )
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let turn = 0; turn < 100; turn++) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await sleep(50)
  }
  throw new Error("it never came")
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
  return text.trim().split(/\s+/).filter(Boolean).map(Number)
}

describe("the daemon", () => {
  let running: ChildProcess | undefined
  let said = ""

  async function start(): Promise<{ pid: number; children: number[] }> {
    said = ""
    const daemon = spawn(process.execPath, [bundle, "daemon"], { env })
    running = daemon
    daemon.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
    daemon.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()))
    await until(async () => JSON.parse((await lbagent("observe")).stdout).running === true)
    const pid = daemon.pid ?? 0
    return { pid, children: await childrenOf(pid) }
  }

  beforeAll(async () => {
    const arguments_ = ["scripts/build-agent.mjs", "--directory", join(folder, "agent")]
    await promisify(execFile)(process.execPath, arguments_)
    mkdirSync(join(folder, "root/etc/lbctl"), { recursive: true })
  }, 30_000)
  afterEach(() => {
    running?.kill("SIGKILL")
    rmSync(desired, { force: true })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("runs an engine, no process without work beside it, and takes it along when it is told to end", async () => {
    const { children } = await start()
    expect(children).toHaveLength(1)
    running?.kill("SIGTERM")
    await until(() => !children.some(isAlive))
    expect((await lbagent("reload")).stderr).toMatch(/the lbagent daemon is not running/)
  })

  it("takes its children along when it is killed", async () => {
    const { children } = await start()
    running?.kill("SIGKILL")
    await until(() => !children.some(isAlive))
  })

  it("starts a killed child again, and answers again", async () => {
    const { pid, children } = await start()
    for (const child of children) process.kill(child, "SIGKILL")
    await until(async () => {
      const now = await childrenOf(pid)
      return now.length === 1 && now.every((child) => !children.includes(child))
    })
    await until(async () => JSON.parse((await lbagent("observe")).stdout).running === true)
    expect(said).toMatch(/engine ended \(SIGKILL\)/)
  })

  it("refuses a second one", async () => {
    await start()
    const second = await lbagent("daemon")
    expect(second).toMatchObject({ code: 1 })
    expect(second.stderr).toMatch(/is running already/)
  })

  it("says what is wrong with a definition, and runs on", async () => {
    await start()
    expect((await lbagent("reload")).code).toBe(0)
    writeFileSync(desired, '{"format":1,"services":[],"vrrp":[]}')
    const reload = await lbagent("reload")
    expect(reload.code).toBe(1)
    expect(reload.stderr).toMatch(/connectionSync is missing/)
    expect((await lbagent("drain", "rs1", "--by", "ann")).stderr).toMatch(/no service/)
    expect(JSON.parse((await lbagent("observe")).stdout).running).toBe(true)
  })

  it("understands its command line, or says what it should be", async () => {
    expect((await lbagent("--version")).stdout).toBe(`lbagent ${version}\n`)
    expect(version).toBe(JSON.parse(readFileSync("package.json", "utf8")).version)
    expect(await lbagent("frob")).toMatchObject({ code: 3 })
    expect(await lbagent("drained", "--timeout", "1", "tcp 192.0.2.10:80")).toMatchObject({
      code: 3,
    })
    expect(await lbagent("drain", "rs1")).toMatchObject({ code: 3 })
    expect((await lbagent("failover", "--help")).stdout).toMatch(/^lbagent failover INSTANCE/)
    writeFileSync(desired, '{"format":1,"services":[],"vrrp":[],"connectionSync":[]}')
    expect(await lbagent("check", desired)).toMatchObject({ code: 0, stderr: "" })
    expect(await lbagent("check", bundle)).toMatchObject({ code: 1 })
  })
})
