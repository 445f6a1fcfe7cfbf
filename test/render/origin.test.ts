import { describe, expect, it } from "vitest"
import type { FileOrigin } from "../../src/render/origin.ts"
import { originsOf } from "../../src/render/origin.ts"
import { placedLines } from "../../src/render/placed-lines.ts"
import { bundleOf, directorView, role, service, shipped, vrrp } from "./fixtures.ts"

const { roles, templates } = shipped()
const director = directorView([vrrp()], [service(), service({ ipvs: "keepalived", name: "old" })])
const motd = role(
  "motd",
  `applies_to: { hosts: [lb1] }
files:
  - path: /etc/motd
    content: |
      {{#each director.vrrp}}
      first of {{instance}}
      {{#if unicastPeers}}
      it has {{join unicastPeers}}
      {{/if}}
      {{/each}}
      last
`,
)

function filesOf(all = [...roles, motd]): FileOrigin[] {
  return originsOf(director, all, templates).filter((one) => one.kind === "file") as FileOrigin[]
}

describe("originsOf()", () => {
  it("has all that the bundle has, each with the entry of its role", () => {
    const bundle = bundleOf(director, { roles, templates })
    const origins = originsOf(director, roles, templates)
    const subjects = (kind: string) =>
      origins.filter((one) => one.kind === kind).map(({ subject }) => subject)
    expect(subjects("file").sort()).toEqual(bundle.files.map(({ path }) => path))
    expect(subjects("sysctl")).toEqual(bundle.sysctls.map(({ key, value }) => `${key} = ${value}`))
    expect(subjects("unit")).toEqual(bundle.units.map(({ name }) => name))
    expect(subjects("module")).toEqual(bundle.modules)
    for (const { at, role: name } of origins) {
      expect(at.file).toBe(`roles/${name}/role.yml`)
      expect(at.line).toBeGreaterThan(1)
    }
  })

  it("tells the pieces of each file, which are the file", () => {
    const contents = bundleOf(director, { roles: [...roles, motd], templates }).files
    for (const { subject, pieces } of filesOf())
      expect(
        pieces()
          .map(({ text }) => text)
          .join(""),
        subject,
      ).toBe(contents.find(({ path }) => path === subject)?.content)
  })
})

describe("placedLines()", () => {
  it("has every line of a file, and the line of the template that it is from", () => {
    const [conf] = filesOf().filter(({ subject }) => subject.endsWith("keepalived.conf"))
    const template = (templates["director/keepalived.conf.hbs"]?.text ?? "").split("\n")
    const lines = placedLines(conf?.pieces() ?? [])
    expect(lines.length).toBeGreaterThan(50)
    for (const { text, at } of lines) {
      expect(at.file).toBe("templates/director/keepalived.conf.hbs")
      const word = /[a-z_]{4,}/.exec(text.replace(/#.*/, ""))?.[0] ?? ""
      const source = template[at.line - 1] ?? ""
      expect(source.includes(word) || source.includes("{{"), `${text} from ${source}`).toBe(true)
    }
  })

  it("knows the line of a role that holds the content itself, and the blocks around it", () => {
    const [file] = filesOf().filter(({ subject }) => subject === "/etc/motd")
    const at = (line: number) => ({ file: "roles/motd/role.yml", line })
    expect(placedLines(file?.pieces() ?? [])).toMatchObject([
      { text: "first of tokyo", at: at(6), within: ["director.vrrp[0]"] },
      { text: "it has 10.0.0.12", at: at(8), within: ["director.vrrp[0]"] },
      { text: "last", at: at(11), within: [] },
    ])
  })

  it("leaves a value of several lines at the place that prints it", () => {
    const at = { file: "a.hbs", line: 3, column: 5 }
    const piece = { at, within: [] }
    expect(
      placedLines([
        { ...piece, text: "x\ny", literal: false },
        { ...piece, text: "z\nend\n", literal: true },
      ]).map((line) => [line.text, line.at.line]),
    ).toEqual([
      ["x", 3],
      ["yz", 3],
      ["end", 4],
    ])
  })
})
