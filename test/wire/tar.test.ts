import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { tar } from "../../src/wire/tar.ts"

describe("tar", () => {
  it("is read by the system's tar, files of every length", () => {
    const folder = mkdtempSync(join(tmpdir(), "lbctl-tar-"))
    const entries = [0, 1, 511, 512, 513, 70_000].map((length) => ({
      path: `release/files/${String(length).padStart(64, "0")}`,
      content: "x".repeat(length),
    }))
    execFileSync("tar", ["-xf", "-"], { cwd: folder, input: tar(entries) })
    for (const { path, content } of entries)
      expect(readFileSync(join(folder, path), "utf8")).toBe(content)
    rmSync(folder, { recursive: true })
  })

  it("counts bytes, not letters", () => {
    const archive = tar([{ path: "a", content: "é" }])
    expect(Buffer.from(archive.subarray(124, 135)).toString()).toBe("00000000002")
  })

  it("makes the same bytes of the same entries", () => {
    const entries = [{ path: "a", content: "b" }]
    expect(tar(entries)).toEqual(tar(entries))
  })
})
