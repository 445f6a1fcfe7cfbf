import fc from "fast-check"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { sha256 } from "../../src/core/digest.ts"
import { releaseHeld, toldRecord } from "../../src/wire/told-record.ts"

const base64 = (text: string) => Buffer.from(text).toString("base64")
const hash = sha256("hunter2")

describe("a record that is told", () => {
  it.each([
    ["fact kernel 6.1.0", "fact kernel 6.1.0"],
    ["sysctl net.ipv4.conf.lo.arp_ignore 1", "sysctl net.ipv4.conf.lo.arp_ignore 1"],
    ["armed 30", "armed 30"],
    [`release ${hash}`, `release ${hash}`],
    ["end", "end"],
  ])("is as the node said it where nothing is encoded: %s", (line, told) => {
    expect(toldRecord(line)).toBe(told)
  })

  it.each([
    [`content /etc/app.conf ${base64("hunter2")}`, "content /etc/app.conf (7 bytes)"],
    [`content ${hash} ${base64("hunter2")}`, "content (hash) (7 bytes)"],
    [`table ${base64("IP Virtual Server")}`, "table (17 bytes)"],
    [`bundle ${base64("{}")}`, "bundle (2 bytes)"],
    [`failed 3 ${base64("no such unit\n")}`, "failed 3 (13 bytes)"],
    [`refused check /etc/app.conf ${base64("line 1")}`, "refused check /etc/app.conf (6 bytes)"],
    [`revert-failed ${base64("a")}`, "revert-failed (1 byte)"],
    ['agent-status {"why": "for a test"}', "agent-status (21 bytes)"],
    ["refused tool flock -", "refused tool flock -"],
  ])("has sizes in place of contents: %s", (line, told) => {
    expect(toldRecord(line)).toBe(told)
  })

  it("has no hash of a file, by which a short secret could be found", () => {
    expect(toldRecord(`file ${hash} 600 root:root /etc/app.conf`)).toBe(
      "file (hash) 600 root:root /etc/app.conf",
    )
    expect(toldRecord(`owned file /etc/app.conf ${hash} 0600 root:root secret`)).toBe(
      "owned file /etc/app.conf (hash) 0600 root:root secret",
    )
    expect(toldRecord("file - - - /etc/app.conf")).toBe("file - - - /etc/app.conf")
  })

  it("is only its size when it is no record: what a login prints, or an entry of the history", () => {
    expect(toldRecord("Welcome, the password is hunter2")).toBe("(32 bytes, no record)")
    expect(toldRecord('{"run":"r1"}')).toBe("(12 bytes, no record)")
    expect(toldRecord("constructor hunter2")).toBe("(19 bytes, no record)")
  })

  it("never holds a content, whatever that is", () => {
    const content = fc.string({ minLength: 6 }).filter((text) => base64(text).length > 8)
    const record = fc.constantFrom(
      "content /etc/app.conf",
      "table",
      "bundle",
      "failed 2",
      "refused check /etc/app.conf",
      "revert-failed",
    )
    fc.assert(
      fc.property(record, content, (words, text) => {
        expect(toldRecord(`${words} ${base64(text)}`)).toMatch(
          new RegExp(`^${words} \\(\\d+ bytes?\\)$`),
        )
      }),
    )
  })

  it("is known for every record that the page of the protocol lists", () => {
    const page = readFileSync("docs/node-protocol.md", "utf8")
    const [, rows = ""] = /\n## observe\n(.*?)\n## /s.exec(page) ?? []
    const names = [...rows.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([a-z-]+)/g)].map(([, name = ""]) => name),
    )
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => toldRecord(`${name} a b`).includes("no record"))).toEqual([])
  })
})

describe("the release a host holds", () => {
  it("is in what observe, the lock and the history answer", () => {
    for (const word of ["release", "taken", "current"])
      expect(releaseHeld(`fact os Linux\n${word} ${hash}\nend\n`)).toBe(hash)
    expect(releaseHeld("taken -\n")).toBeUndefined()
  })
})
