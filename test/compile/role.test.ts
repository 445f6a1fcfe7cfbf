import { describe, expect, it } from "vitest"
import { compileRoles } from "../../src/compile/role.ts"
import { formatProblem } from "../../src/core/problem.ts"
import { roleApplies } from "../../src/model/role.ts"
import { document, inventory } from "../render/fixtures.ts"

function problems(text: string): string {
  return compileRoles({ roles: [document("x", text)], inventory })
    .problems.map(formatProblem)
    .join("\n")
}

describe("a role document", () => {
  it("becomes a role in which every text knows its place, with the defaults filled in", () => {
    const text = `
applies_to: { groups: [web] }
files:
  - path: /etc/motd
    content: hello
    notify: [tell]
handlers:
  - name: tell
    run: [wall, "{{host}}"]
    await: { run: ["true"], timeout: 2m }
`
    const { roles, problems: found } = compileRoles({ roles: [document("motd", text)], inventory })
    const place = (line: number, column: number) => ({ file: "roles/motd/role.yml", line, column })
    expect(found).toEqual([])
    expect(roles).toEqual([
      {
        name: "motd",
        target: { by: "groups", names: ["web"] },
        requires: [],
        modules: [],
        sysctls: [],
        linksUp: [],
        addresses: [],
        files: [
          {
            path: { text: "/etc/motd", at: place(4, 11) },
            source: { kind: "content", text: { text: "hello", at: place(5, 14) } },
            mode: "0644",
            owner: "root:root",
            notify: ["tell"],
          },
        ],
        units: [],
        handlers: [
          {
            name: "tell",
            at: place(8, 11),
            run: [
              { text: "wall", at: place(9, 11) },
              { text: "{{host}}", at: place(9, 17) },
            ],
            await: { run: [{ text: "true", at: place(10, 20) }], timeoutSeconds: 120 },
          },
        ],
      },
    ])
  })

  it.each([
    ["files: []", 'the key "applies_to" is missing'],
    ["applies_to: { view: directer }", 'did you mean "director"?'],
    ["applies_to: { groups: [web], hosts: [rs1] }", "applies_to"],
    ["applies_to: { hosts: [rs1] }\nfile: []", 'did you mean "files"?'],
    [
      'applies_to: { hosts: [rs1] }\nfiles: [{ path: /x, content: a, mode: "0888" }]',
      '"0888" is not possible here',
    ],
    ["applies_to: { hosts: [rs1] }\nfiles: [{ path: /x }]", "/x has neither template nor content"],
    [
      "applies_to: { hosts: [rs1] }\nfiles: [{ path: /x, content: a, template: b }]",
      "/x has both template and content",
    ],
    [
      "applies_to: { hosts: [rs1] }\nfiles: [{ path: /x, content: a, validate: [cat] }]",
      "this command never names the file",
    ],
    [
      "applies_to: { hosts: [rs1] }\nfiles: [{ path: /x, content: a, notify: [relod] }]\nhandlers: [{ name: reload, run: [x] }]",
      'did you mean "reload"?',
    ],
    [
      "applies_to: { hosts: [rs1] }\nhandlers: [{ name: a, run: [x] }, { name: a, run: [z] }]",
      "the handler a is there twice",
    ],
    ['applies_to: { hosts: [rs1] }\nmodules: [{ name: x, each: "{{a}}" }]', "is not possible here"],
    [
      "applies_to: { hosts: [rs1] }\nhandlers: [{ name: a, run: [x], await: { run: [z], timeout: 10 } }]",
      "lacks a unit",
    ],
  ])("is refused where it is wrong: %s", (text, expected) => {
    expect(problems(text)).toContain(expected)
  })

  it("that names an unknown group is sound, with a warning: inventories share roles", () => {
    const text = "applies_to: { groups: [wep] }"
    expect(problems(text)).toBe(
      `roles/x/role.yml:1:24: warning: the inventory has no group "wep" [role-target]\n    did you mean "web"?`,
    )
    expect(compileRoles({ roles: [document("x", text)], inventory }).roles).toHaveLength(1)
  })
})

describe("a role applies", () => {
  const view = { host: "rs1", groups: ["all", "web"], realserver: { vips: [], tunnels: [] } }
  it.each([
    ["view: realserver", true],
    ["view: director", false],
    ["groups: [web]", true],
    ["groups: [all]", true],
    ["hosts: [rs1]", true],
    ["hosts: [lb1]", false],
  ])("by %s: %s", (target, expected) => {
    const { roles } = compileRoles({
      roles: [document("x", `applies_to: { ${target} }`)],
      inventory,
    })
    expect(roles.map((role) => roleApplies(role, view))).toEqual([expected])
  })
})
