import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { renderBundle } from "../../src/render/bundle.ts"
import { renderBundles } from "../../src/render/bundles.ts"
import {
  bundleOf,
  contentOf,
  directorView,
  must,
  problemsOf,
  realserverView,
  role,
  service,
  shipped,
  vrrp,
} from "./fixtures.ts"

const { roles, templates } = shipped()

describe("a bundle", () => {
  it("is the same for the same input, whatever the order of roles, templates and variables", () => {
    const addresses = fc.uniqueArray(fc.ipV4(), { maxLength: 5 })
    fc.assert(
      fc.property(addresses, fc.dictionary(fc.string(), fc.jsonValue()), (vips, vars) => {
        const view = { ...directorView([vrrp({ vips })]), vars }
        const reordered = Object.fromEntries(Object.entries(templates).toReversed())
        const mirrored = { ...view, vars: Object.fromEntries(Object.entries(vars).toReversed()) }
        const one = must(renderBundle(view, roles, templates))
        const other = must(renderBundle(mirrored, [...roles].toReversed(), reordered))
        expect(JSON.stringify(other)).toBe(JSON.stringify(one))
      }),
      { numRuns: 30 },
    )
  })

  it("has another id when anything in it differs, the host among it", () => {
    const ids = [
      directorView(),
      { ...directorView(), host: "lb2" },
      directorView([vrrp({ priority: 140 })]),
      directorView([vrrp()], [service({ scheduler: "rr" })]),
      { ...directorView(), agent: { id: "c3d4", path: "/opt/lbctl/agent/a1b2" } },
    ].map((view) => bundleOf(view).id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[0]).toMatch(/^[0-9a-f]{64}$/)
  })

  it("is refused when a file that has a validate command comes out empty", () => {
    const empty = {
      text: " \n",
      at: { file: "templates/director/keepalived.conf.hbs", line: 1, column: 1 },
    }
    const broken = { ...templates, "director/keepalived.conf.hbs": empty }
    expect(problemsOf(renderBundle(directorView(), roles, broken))).toEqual([
      "templates/director/keepalived.conf.hbs:1:1: error: the file comes out empty, which its validate command may not notice [role-value]",
    ])
  })

  it("is empty for a host without a role", () => {
    const bundle = bundleOf({ host: "db1", addresses: [], groups: ["all"], vars: {} })
    expect(bundle).toMatchObject({ roles: [], files: [], sysctls: [], units: [], handlers: [] })
  })

  it("names all that is wrong with a director that has no agent release", () => {
    const { agent: _, ...view } = directorView()
    const problems = problemsOf(renderBundle(view, roles, templates))
    expect(problems.join("\n")).toContain("agent.path has no value on this host")
    expect(problems.length).toBeGreaterThan(1)
  })
})

describe("a user's role", () => {
  const motd = role(
    "motd",
    `
applies_to: { groups: [web] }
sysctls:
  - { key: net.core.somaxconn, value: 4096 }
files:
  - path: /etc/motd
    content: |
      {{host}}: {{vars.motd}}
  - path: "/etc/vips/{{item.address}}"
    each: realserver.vips
    content: "{{item.family}} {{join item.services}}\\n"
  - path: /etc/only-directors
    when: director
    content: never
`,
  )
  const view = { ...realserverView(), vars: { motd: "be kind" } }

  it("adds to what lbctl's roles want", () => {
    const bundle = bundleOf(view, { roles: [motd, ...roles], templates })
    expect(bundle.roles).toEqual(["realserver", "motd"])
    expect(contentOf(bundle, "/etc/motd")).toBe("rs1: be kind\n")
    expect(contentOf(bundle, "/etc/vips/2001:db8::10")).toBe("6 web\n")
    expect(bundle.sysctls.at(-1)).toEqual({ key: "net.core.somaxconn", value: "4096" })
    expect(bundle.files.map(({ path }) => path)).toEqual(
      bundle.files.map(({ path }) => path).sort(),
    )
    expect(bundle.files.some(({ path }) => path === "/etc/only-directors")).toBe(false)
  })

  it("that lacks a variable is placed in its role.yml, once for all hosts that lack it", () => {
    const views = ["rs1", "rs2", "rs3", "rs4"].map((host) => ({ ...realserverView(), host }))
    expect(problemsOf(renderBundles(views, [motd], templates))).toEqual([
      `roles/motd/role.yml:8:1: error: vars.motd: there is no "motd" in vars (on rs1, rs2, rs3 and 1 more) [template-name]
    it has no names of its own`,
    ])
  })

  const wrong = (entry: string): string =>
    problemsOf(
      renderBundle(
        view,
        [role("x", `applies_to: { hosts: [rs1] }\n${entry}`), ...roles],
        templates,
      ),
    ).join("\n")

  it.each([
    [
      'files: [{ path: "/etc/{{host}} x", content: "" }]',
      'role.yml:2:17: error: "/etc/rs1 x" is no absolute path',
    ],
    ['files: [{ path: etc/x, content: "" }]', "is no absolute path"],
    ['files: [{ path: /etc/../x, content: "" }]', "is no absolute path"],
    [
      "files: [{ path: /etc/x, template: realserver/lvs-reel.sh.hbs }]",
      'did you mean "realserver/lvs-real.sh.hbs"?',
    ],
    [
      'files: [{ path: /usr/local/sbin/lvs-real, content: "" }]',
      "file /usr/local/sbin/lvs-real is already wanted at roles/realserver/role.yml:",
    ],
    [
      "sysctls: [{ key: net.ipv4.conf.all.arp_ignore, value: 2 }]",
      "sysctl net.ipv4.conf.all.arp_ignore is already wanted",
    ],
    ["sysctls: [{ key: nonsense, value: 2 }]", '"nonsense" is no sysctl'],
    ['sysctls: [{ key: net.core.x, value: "1\\n2" }]', "is more than one line"],
    ["addresses: [{ address: 192.0.2.300/32, device: lo }]", "is no address with a prefix length"],
    ['addresses: [{ address: "{{host}}", device: lo }]', "is no address with a prefix length"],
    ['modules: [{ name: "{{item}}", each: hots }]', 'hots: there is no "hots"'],
    ["modules: [{ name: x, each: host }]", "host is no list"],
    ["modules: [{ name: x, when: realserver.vip }]", 'did you mean "vips"?'],
    [
      "units: [{ name: lbctl-realserver.service, running: false }]",
      "unit lbctl-realserver.service is already wanted",
    ],
    ['handlers: [{ name: h, run: [echo, "{{typo}}"] }]', 'there is no "typo"'],
  ])("is told what is wrong with %s", (entry, expected) => {
    expect(wrong(entry)).toContain(expected)
  })

  it("may want the same as another, if alike", () => {
    expect(wrong("sysctls: [{ key: net/ipv4/conf/all/arp_ignore, value: 1 }]")).toBe("")
  })
})
