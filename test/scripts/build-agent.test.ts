import { execFileSync, spawnSync } from "node:child_process"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const script = join(import.meta.dirname, "../../scripts/build-agent.mjs")
const program = `
import { writeSync } from "node:fs"
import * as libc from "${join(import.meta.dirname, "../../src/agent/kernel/libc.ts")}"
const words = process.argv.slice(2).join(" ")
const index = libc.interfaceIndex("lo")
writeSync(1, \`lo is \${index}, \${words}\\n\`)
`

describe("build-agent", () => {
  const folder = mkdtempSync(join(tmpdir(), "build-agent-"))
  const entry = join(folder, "entry.ts")
  const built = join(folder, "agent")

  function build(directory: string): string {
    execFileSync(process.execPath, [script, "--entry", entry, "--directory", directory])
    return readFileSync(join(directory, "manifest.json"), "utf8")
  }

  function launch(path: string, env: Record<string, string>, ...words: string[]) {
    return spawnSync(path, words, { env, encoding: "utf8" })
  }

  /** A Node of that version, which tells its arguments instead of running them. */
  function fakeNode(version: string): string {
    const path = join(folder, `node-${version}`)
    const answer = `#!/bin/sh\n[ "$1" = --version ] && echo v${version} || echo "${version} runs $*"\n`
    writeFileSync(path, answer)
    chmodSync(path, 0o755)
    return path
  }

  beforeAll(() => {
    writeFileSync(entry, program)
    build(built)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("puts the bundle, the addon, the launcher and the manifest side by side", () => {
    expect(readdirSync(built).sort()).toEqual([
      "koffi.node",
      "lbagent",
      "lbagent.cjs",
      "manifest.json",
    ])
    expect(statSync(join(built, "lbagent")).mode & 0o777).toBe(0o755)
    const { id, files } = JSON.parse(readFileSync(join(built, "manifest.json"), "utf8")) as {
      id: string
      files: string[]
    }
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(files).toEqual(["koffi.node", "lbagent", "lbagent.cjs"])
  })

  it("gives the same id for the same input, and another for another", () => {
    const first = readFileSync(join(built, "manifest.json"), "utf8")
    expect(build(join(folder, "again"))).toBe(first)
    writeFileSync(entry, program.replace("lo is", "loopback is"))
    expect(build(join(folder, "other"))).not.toBe(first)
    writeFileSync(entry, program)
  })

  it("runs from anywhere with the addon beside it, through a chain of links", () => {
    mkdirSync(join(folder, "bin"))
    symlinkSync("../agent", join(folder, "bin", "current"))
    symlinkSync("current/lbagent", join(folder, "bin", "lbagent"))
    const outcome = launch(
      join(folder, "bin", "lbagent"),
      { LBAGENT_NODE: process.execPath, PATH: "/usr/bin:/bin" },
      "two words",
    )
    expect(outcome.stderr).toBe("")
    expect(outcome.stdout).toBe("lo is 1, two words\n")
  })

  it("passes over a Node that is too old or missing, and says so when none is left", () => {
    const old = fakeNode("18.20.4")
    const tools = join(folder, "tools")
    mkdirSync(tools)
    for (const name of ["readlink", "dirname"]) {
      const tool = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" })
      symlinkSync(tool.trim(), join(tools, name))
    }
    const none = launch(join(built, "lbagent"), { LBAGENT_NODE: old, PATH: tools })
    expect(none.status).toBe(127)
    expect(none.stderr).toContain("no Node.js 20 or later")
    symlinkSync(fakeNode("24.1.0"), join(tools, "node"))
    const found = launch(join(built, "lbagent"), { LBAGENT_NODE: old, PATH: tools }, "reload")
    expect(found.stdout).toBe(`24.1.0 runs ${built}/lbagent.cjs reload\n`)
  })
})
