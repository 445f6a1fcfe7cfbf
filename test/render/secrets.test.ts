import { describe, expect, it } from "vitest"
import { fingerprint } from "../../src/core/fingerprint.ts"
import { formatProblem } from "../../src/core/problem.ts"
import { Secret } from "../../src/core/secret.ts"
import type { HostView } from "../../src/model/desired.ts"
import { renderBundle } from "../../src/render/bundle.ts"
import { renderTemplate } from "../../src/render/engine.ts"
import { wideSecrets } from "../../src/render/secret-modes.ts"
import { bundleOf, role } from "./fixtures.ts"

const vars = {
  plain: "motd",
  password: new Secret("hunter2"),
  port: new Secret(8443),
  off: new Secret(false),
  deep: { list: [new Secret("a1"), "b"] },
}
const view: HostView = { host: "rs1", addresses: [], groups: ["web"], vars }

function fill(text: string) {
  const result = renderTemplate({ file: "t.hbs", text }, view)
  return result.ok ? result.value : result.error.map(formatProblem).join("\n")
}

describe("a template", () => {
  it.each([
    ["{{vars.password}}", "hunter2"],
    ["{{vars.port}}", "8443"],
    ["{{sh vars.password}}", "'hunter2'"],
    ["{{join vars.deep.list ','}}", "a1,b"],
    ["{{json vars.deep}}", '{"list":["a1","b"]}'],
    ["{{#each vars.deep.list}}{{this}};{{/each}}", "a1;b;"],
    ["{{#if (eq vars.password 'hunter2')}}yes{{/if}}", "yes"],
    ["{{#if vars.off}}on{{else}}off{{/if}}", "off"],
    ["{{#with vars.password}}{{this}}{{/with}}", "hunter2"],
  ])("%s gives %j, a secret", (text, filled) => {
    expect(fill(text)).toEqual({ text: filled, secret: true })
  })

  it.each([
    "{{vars.plain}}",
    "{{#if (has vars 'password')}}x{{/if}}",
    "{{vars.deep.list.[1]}}",
    "hunter2",
  ])("%s is none", (text) => {
    expect(fill(text)).toMatchObject({ secret: false })
  })

  it.each([
    "{{vars.password.length}}",
    "{{#each vars.password}}x{{/each}}",
    "{{cidr vars.password}}",
    "{{vars.deep}}",
  ])("with the mistake %s does not quote the secret", (text) => {
    expect(fill(text)).toMatch(/template-(name|value)/)
    expect(fill(text)).not.toMatch(/hunter2|a1/)
  })
})

const files = (mode: string, extra = "") =>
  role(
    "app",
    `applies_to: { hosts: [rs1] }\nfiles:\n  - { path: /etc/app, content: "p={{vars.password}}", mode: "${mode}" }\n  - { path: /etc/motd, content: "{{vars.plain}}" }\n${extra}`,
  )

describe("a bundle", () => {
  it("marks the files that hold secrets, and no others", () => {
    const bundle = bundleOf(view, { roles: [files("0600")], templates: {} })
    expect(bundle.files.map(({ path, secret }) => [path, secret])).toEqual([
      ["/etc/app", true],
      ["/etc/motd", undefined],
    ])
  })

  it("has an id that changes with a secret and lets nobody try one out cheaply", () => {
    const bundle = bundleOf(view, { roles: [files("0600")], templates: {} })
    const other = { ...view, vars: { ...vars, password: new Secret("hunter3") } }
    expect(bundleOf(other, { roles: [files("0600")], templates: {} }).id).not.toBe(bundle.id)
    expect(fingerprint("a")).toMatch(/^[0-9a-f]{64}$/)
    expect(fingerprint("a")).not.toBe(fingerprint("b"))
  })

  it("warns of a mode wider than 0640 where there are secrets", () => {
    const of = (mode: string) =>
      wideSecrets([bundleOf(view, { roles: [files(mode)], templates: {} })]).map(
        ({ message }) => message,
      )
    expect(of("0644")).toEqual([
      "/etc/app holds a secret, and its mode 0644 is wider than 0640 (on rs1)",
    ])
    expect([...of("0600"), ...of("0640")]).toEqual([])
    expect(of("0660")).toHaveLength(1)
  })

  it.each([
    ["a sysctl", 'sysctls: [{ key: kernel.x, value: "{{vars.password}}" }]'],
    ["a command", 'handlers: [{ name: h, run: [/bin/true, "{{vars.password}}"] }]'],
    ["a unit", 'units: [{ name: "{{vars.password}}" }]'],
    ["a module", 'modules: [{ name: "{{vars.password}}" }]'],
    ["an address", 'addresses: [{ address: "{{vars.password}}", device: lo }]'],
  ])("refuses a secret in %s", (_what, extra) => {
    const result = renderBundle(view, [files("0600", extra)], {})
    const problems = result.ok ? [] : result.error
    expect(problems).toMatchObject([{ rule: "secret-place", at: { file: "roles/app/role.yml" } }])
    expect(JSON.stringify(problems)).not.toContain("hunter2")
  })
})
