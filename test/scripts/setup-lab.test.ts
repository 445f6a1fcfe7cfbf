import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const script = join(import.meta.dirname, "../../scripts/setup-lab.mjs")
const allThere = `for name in "$@"; do echo "$name installed"; done`
const noTcpdump = `${allThere} | sed 's/tcpdump installed/tcpdump not-installed/'`

describe("setup-lab", () => {
  let path: string

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "setup-lab-"))
    program("env", `shift; exec "$@"`)
    program("id", "echo 0")
    program("apt-get", `echo "$@" >> ${path}/calls`)
  })

  afterEach(() => rmSync(path, { recursive: true }))

  it("does nothing when all packages are installed", () => {
    program("dpkg-query", allThere)
    expect(setup()).toMatchObject({ status: 0, stderr: "" })
    expect(aptCalls()).toEqual([])
  })

  it("installs only what is missing", () => {
    program("dpkg-query", noTcpdump)
    expect(setup().status).toBe(0)
    expect(aptCalls()).toEqual(["-q update", "-q install --yes --no-install-recommends tcpdump"])
  })

  it("goes through sudo when not root", () => {
    program("dpkg-query", noTcpdump)
    program("id", "echo 1000")
    program("sudo", `shift; echo sudo >> ${path}/calls; exec "$@"`)
    program("true", "exit 0")
    expect(setup().status).toBe(0)
    expect(aptCalls()).toContain("-q install --yes --no-install-recommends tcpdump")
    expect(aptCalls().filter((line) => line === "sudo")).toHaveLength(3)
  })

  it("says what to install when it is neither root nor let by sudo", () => {
    program("dpkg-query", noTcpdump)
    program("id", "echo 1000")
    const { status, stderr } = setup()
    expect(status).toBe(1)
    expect(stderr).toContain("run as root: apt-get install tcpdump")
    expect(aptCalls()).toEqual([])
  })

  it("shows apt's own words when packages can't be fetched", () => {
    program("dpkg-query", noTcpdump)
    program("apt-get", `echo "E: Failed to fetch something"; exit 100`)
    const { status, stderr } = setup()
    expect(status).toBe(1)
    expect(stderr).toContain("offline")
    expect(stderr).toContain("E: Failed to fetch something")
  })

  it("says that it needs Debian where there is no dpkg", () => {
    const { status, stderr } = setup()
    expect(status).toBe(1)
    expect(stderr).toContain("no dpkg")
  })

  function program(name: string, body: string): void {
    writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(path, name), 0o755)
  }

  function setup(): { status: number | null; stderr: string } {
    program("sed", `exec /usr/bin/sed "$@"`)
    return spawnSync(process.execPath, [script], {
      env: { PATH: path },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    })
  }

  function aptCalls(): string[] {
    const calls = join(path, "calls")
    return existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []
  }
})
