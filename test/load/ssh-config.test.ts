import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

import { readSshConfig } from "../../src/load/ssh-config.ts"
import type { SshConfigFile } from "../../src/schema/ssh-config.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbctl-ssh-config-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): void {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, text, { mode: 0o600 })
}

function read(named?: string): ReturnType<typeof readSshConfig> {
  const { uid } = userInfo()
  const places = { home: join(folder, "home"), uid, currentFolder: folder }
  return readSshConfig({ ...places, systemFolder: join(folder, "etc") }, named)
}

/** Every line as `file:line keyword`, in order. */
function outline(files: readonly SshConfigFile[]): string[] {
  return files
    .flat()
    .flatMap(({ at, keyword, included }) => [
      `${at.file}:${at.line} ${keyword}`,
      ...outline(included ?? []),
    ])
}

function brief(): string[] {
  return read().problems.map(
    ({ at, message }) => `${at?.file}:${at?.line}:${at?.column} ${message}`,
  )
}

describe("readSshConfig", () => {
  it("finds nothing where there is nothing", () => {
    expect(read()).toEqual({ files: [], problems: [] })
  })

  it("reads the user's file before the system's", () => {
    write("home/.ssh/config", "# mine\n\nPort 1\n")
    write("etc/ssh_config", "  User u\n")
    expect(outline(read().files)).toEqual(["home/.ssh/config:3 port", "etc/ssh_config:1 user"])
  })

  it("reads only the file that is named, and none for `none`", () => {
    write("home/.ssh/config", "Port 1\n")
    write("home/lab", "Port 2\n")
    expect(outline(read("~/lab").files)).toEqual(["home/lab:1 port"])
    expect(outline(read("home/lab").files)).toEqual(["home/lab:1 port"])
    expect(read("none")).toEqual({ files: [], problems: [] })
    expect(read("missing").problems).toMatchObject([
      { rule: "ssh-config", message: "missing cannot be read: it does not exist" },
    ])
  })

  it("includes files by pattern, relative to ~/.ssh or the system's folder, in order", () => {
    write("home/.ssh/config", "Include config.d/*.conf other ~/far\nPort 1")
    for (const name of ["b.conf", "a.conf", ".hidden.conf", "c.txt"])
      write(`home/.ssh/config.d/${name}`, "User u")
    write("home/far", "Port 3")
    write("etc/ssh_config", "Include ssh_config.d/[!b]*")
    for (const name of ["a", "b"]) write(`etc/ssh_config.d/${name}`, "Port 2")
    expect(outline(read().files)).toEqual([
      "home/.ssh/config:1 include",
      "home/.ssh/config.d/a.conf:1 user",
      "home/.ssh/config.d/b.conf:1 user",
      "home/far:1 port",
      "home/.ssh/config:2 port",
      "etc/ssh_config:1 include",
      "etc/ssh_config.d/a:1 port",
    ])
    expect(read().problems).toEqual([])
  })

  it("tells all that cannot be read, each at its line", () => {
    write("home/.ssh/config", `Port\n  User "u\nInclude ~other/x ""\nInclude loop\nPort 2`)
    write("home/.ssh/loop", "Include config")
    write("etc/ssh_config", "Include ~/x")
    expect(brief()).toEqual([
      "home/.ssh/config:1:1 Port has no argument",
      "home/.ssh/config:2:3 a quote stays open",
      "home/.ssh/config:3:1 the path ~other/x cannot be included",
      "home/.ssh/config:3:1 Include has an empty argument",
      "home/.ssh/loop:1:1 home/.ssh/config includes itself",
      "etc/ssh_config:1:1 the path ~/x cannot be included",
    ])
  })

  it("refuses what others may write", () => {
    write("home/.ssh/config", "Include shared")
    write("home/.ssh/shared", "Port 2")
    chmodSync(join(folder, "home/.ssh/shared"), 0o664)
    expect(brief()).toEqual([
      "home/.ssh/config:1:1 home/.ssh/shared can be written by others, and ssh refuses it",
    ])
    chmodSync(join(folder, "home/.ssh/config"), 0o602)
    expect(brief()[0]).toContain("home/.ssh/config can be written by others")
  })

  it("passes over a link that leads nowhere, as a glob does", () => {
    write("home/.ssh/config", "Include d/*")
    mkdirSync(join(folder, "home/.ssh/d"))
    symlinkSync("nowhere", join(folder, "home/.ssh/d/link"))
    expect(read().problems).toEqual([])
  })
})
