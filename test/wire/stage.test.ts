import { describe, expect, it } from "vitest"
import type { Bundle, FileResource } from "../../src/model/bundle.ts"
import type { Operation } from "../../src/model/plan.ts"
import { checksText, stageFiles, stageTar } from "../../src/wire/stage.ts"

const one: FileResource = {
  path: "/etc/one",
  mode: "0644",
  owner: "root:root",
  content: "same\n",
  validate: ["check", "it's", "%s"],
  notify: [],
}
const bundle: Bundle = {
  host: "rs1",
  id: "a".repeat(64),
  roles: [],
  modules: [],
  sysctls: [],
  linksUp: [],
  addresses: [],
  files: [one, { ...one, path: "/etc/two" }],
  units: [],
  handlers: [],
  requires: [],
}
const operations: Operation[] = [
  { op: "file", path: "/etc/two", sha256: "x", mode: "0644", owner: "root:root", prior: "-" },
]
const who = {
  by: "Ada\nO'Neil",
  from: "lap top",
  since: "2026-01-02T03:04:05Z",
  commit: "abc",
  run: "run1",
  what: "apply",
}
const keep = { count: 7, maxAgeMs: 90 * 60_000 }
const change = {
  kind: "file",
  action: "edit",
  subject: "/etc/two",
  meaning: "content",
  risk: "low",
} as const
const stage = {
  bundle,
  operations,
  changes: [change],
  directors: [],
  keep,
  who,
  script: "#!/bin/sh\n",
}

describe("stageFiles", () => {
  const files = stageFiles(stage)

  it("sends every content of the bundle once, changed or not", () => {
    expect(files.map((file) => file.path.replace(/[0-9a-f]{64}$/, "SHA"))).toEqual([
      "lbctl-node.sh",
      "who",
      "record",
      "operations",
      "checks",
      "release/manifest",
      "release/bundle.json",
      "release/files/SHA",
    ])
  })

  it("tells who it is on lines a shell can read", () => {
    const text = String(files.find((file) => file.path === "who")?.content)
    expect(text).toContain("who_by='Ada O'\\''Neil'\nwho_from=lap-top\n")
    expect(text).toContain("who_kib=1\n")
    expect(text).toContain("who_run=run1\n")
    expect(text).toContain("who_keep=7\nwho_age_minutes=90\n")
  })

  it("tells the history what changes, and nothing of contents", () => {
    const text = String(files.find((file) => file.path === "record")?.content)
    expect(JSON.parse(`${text}}`)).toEqual({
      run: "run1",
      what: "apply",
      release: bundle.id,
      by: "Ada O'Neil",
      from: "lap-top",
      since: "2026-01-02T03:04:05Z",
      commit: "abc",
      changed: 1,
      changes: [{ kind: "file", action: "edit", subject: "/etc/two" }],
    })
  })

  it("says the same in `who` for every step of one run on a host", () => {
    const whoOf = (changes: readonly (typeof change)[]) =>
      stageFiles({ ...stage, changes }).find((file) => file.path === "who")?.content
    expect(whoOf([])).toBe(whoOf([change, change]))
  })

  it("makes one archive of them", () => {
    expect(stageTar(stage).length % 512).toBe(0)
  })
})

describe("checksText", () => {
  it("has a line for each file that changes and can be checked", () => {
    expect(checksText(bundle, operations)).toMatch(
      /^check \/etc\/two [0-9a-f]{64} check 'it'\\''s' %s\n$/,
    )
    expect(checksText(bundle, [])).toBe("")
  })
})
