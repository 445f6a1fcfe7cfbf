import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { ask, rhythm } from "./servers.ts"

const folder = mkdtempSync(join(tmpdir(), "lbctl-external-"))
afterAll(() => rmSync(folder, { recursive: true }))

const external = (command: readonly string[], more: object = {}): HealthCheck => ({
  ...rhythm,
  timeoutMs: 5000,
  type: "external",
  user: userInfo().username,
  command,
  ...more,
})
const sh = (script: string, more: object = {}) => external(["/bin/sh", "-c", script], more)

describe("an external check", () => {
  it("takes exit 0 for well, everything else for a failure, with the first line said", async () => {
    expect(await ask(sh("echo all is well; echo more"), 80)).toEqual({
      ok: true,
      message: "exit 0: all is well",
    })
    expect(await ask(sh("exit 3"), 80)).toEqual({ ok: false, message: "exit 3" })
    expect((await ask(sh("kill -9 $$"), 80)).message).toBe("ended by SIGKILL")
  })

  it("takes exit codes from 2 for a weight where the check says so", async () => {
    const weighed = (script: string) => ask(sh(script, { weightByExitCode: true }), 80)
    expect(await weighed("echo busy; exit 12")).toEqual({
      ok: true,
      weight: 10,
      message: "exit 12: busy",
    })
    expect(await weighed("exit 2")).toMatchObject({ ok: true, weight: 0 })
    expect(await weighed("exit 255")).toMatchObject({ ok: true, weight: 253 })
    expect(await weighed("exit 1")).toEqual({ ok: false, message: "exit 1" })
    expect(await weighed("true")).toEqual({ ok: true, message: "exit 0" })
    expect(await weighed("kill -9 $$")).toEqual({ ok: false, message: "ended by SIGKILL" })
  })

  it("tells the command whom to ask, and nothing else of this process", async () => {
    process.env["LBCTL_TEST_OF_ENVIRONMENT"] = "leaks"
    const { message } = await ask(
      sh(
        'echo $LBCTL_ADDRESS $LBCTL_PORT $LBCTL_VIP $LBCTL_TIMEOUT_MS "$LBCTL_TEST_OF_ENVIRONMENT"',
      ),
      8080,
    )
    delete process.env["LBCTL_TEST_OF_ENVIRONMENT"]
    expect(message.trim()).toBe("exit 0: 127.0.0.1 8080 192.0.2.10 5000")
  })

  it("hands words over as they are: no shell takes them apart", async () => {
    expect((await ask(external(["/bin/echo", "a b; $HOME"]), 80)).message).toBe(
      "exit 0: a b; $HOME",
    )
  })

  it("kills all that the command started when its time is over", async () => {
    const pidFile = join(folder, "pid")
    const script = `sleep 60 & echo $! > ${pidFile}; wait`
    expect(await ask(sh(script, { timeoutMs: 1500 }), 80)).toEqual({
      ok: false,
      message: "no answer within 1.5s: killed",
    })
    const pid = readFileSync(pidFile, "utf8").trim()
    await expect.poll(() => isGone(pid), { timeout: 5000 }).toBe(true)
  })

  it("does not wait for a child that keeps the pipe open", async () => {
    const outcome = await ask(sh("sleep 3 & echo done"), 80)
    expect(outcome.ok).toBe(true)
  })

  it("does not keep what a talker says", async () => {
    const { message } = await ask(sh("head -c 3000000 /dev/zero | tr '\\0' x"), 80)
    expect(message.length).toBeLessThan(200)
  })

  it("says what can't be run, and as whom", async () => {
    expect((await ask(external(["/no/such/program"], { user: "nobody" }), 80)).ok).toBe(false)
    expect((await ask(external(["/bin/true"], { user: "no-such-user" }), 80)).message).toBe(
      "this director has no user no-such-user",
    )
  })

  it.skipIf(process.getuid?.() !== 0)(
    "runs as the user it is told, without root's groups",
    async () => {
      const { message } = await ask(sh("echo $(id -u) $(id -G)", { user: "nobody" }), 80)
      expect(message).toBe("exit 0: 65534 65534")
    },
  )

  it.skipIf(process.getuid?.() !== 0)("runs nothing as root that others may change", async () => {
    const { chmodSync, writeFileSync } = await import("node:fs")
    const script = join(folder, "check")
    writeFileSync(script, "#!/bin/sh\nexit 0\n")
    chmodSync(script, 0o777)
    expect((await ask(external([script], { user: "root" }), 80)).message).toBe(
      `not run as root: others than root may change ${script}`,
    )
    chmodSync(script, 0o755)
    expect((await ask(external([script], { user: "root" }), 80)).ok).toBe(true)
  })
})

/** Ended, or a zombie that nobody has fetched yet. */
function isGone(pid: string): boolean {
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || / Z /.test(readFileSync(stat, "utf8"))
}
