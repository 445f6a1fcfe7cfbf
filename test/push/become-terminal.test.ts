import { execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished, describe, expect, it } from "vitest"
import { onTerminal } from "../../src/push/become-terminal.ts"
import { removeFolder } from "../folders.ts"

const hasScript = spawnSync("sh", ["-c", "command -v script"]).status === 0

/** A folder with a script(1) in it that hands the terminal's lines on late, as a busy host does. */
function lateScript(): string {
  const folder = mkdtempSync(join(tmpdir(), "late-script-"))
  onTestFinished(() => removeFolder(folder))
  const real = execFileSync("sh", ["-c", "command -v script"], { encoding: "utf8" }).trim()
  const late = `while IFS= read -r line; do sleep 0.3; printf '%s\\n' "$line"; done`
  writeFileSync(join(folder, "script"), `#!/bin/sh\n${real} "$@" | ${late}\n`)
  chmodSync(join(folder, "script"), 0o755)
  return folder
}

describe.skipIf(!hasScript)("a command started by what asks on a terminal", () => {
  it("says nothing before the terminal's own words were read, however late they come", async () => {
    const asker = ["sh", "-c", 'echo hello >/dev/tty; exec "$@"', "asker"]
    const { line, begun } = onTerminal(asker, "cat; echo err >&2; exit 7", "mark")
    const env = { ...process.env, PATH: `${lateScript()}:${process.env.PATH ?? ""}` }
    const child = spawn("sh", ["-c", line], { env })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString()
      if (stderr.endsWith(begun)) child.stdin.end("\n\nown input")
    })
    const [code] = (await once(child, "close")) as [number]
    expect([code, stdout, stderr]).toEqual([7, "own input", `hello\r\n${begun}err\n`])
  })
})
