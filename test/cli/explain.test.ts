import { describe, expect, it } from "vitest"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

const motd = `applies_to: { groups: [web] }
files:
  - path: /etc/motd
    content: |
      {{host}} serves
      {{#each realserver.vips}}
      {{address}} and {{@root.vars.phrase}}
      {{/each}}
  - path: /etc/words
    content: "{{vars.phrase}}\\n"
`

/** A path of the checkout is as long as it is. */
function isPath(line: string): boolean {
  return /^ +\/\S+$/.test(line)
}

/** What lbctl explains of the usual inventory, with edits. */
async function explained(subject: string, edits: Parameters<typeof repository>[0] = {}) {
  const cwd = repository(edits)
  const { code, stdout, stderr } = await lbctl(["explain", subject], { cwd })
  expect(stdout.split("\n").filter((line) => line.length > 80 && !isPath(line))).toEqual([])
  return { code, stdout, stderr }
}

describe("lbctl explain", () => {
  it("tells all that a host holds, and who says so", async () => {
    const { code, stdout } = await explained("rs1")
    expect(code).toBe(0)
    expect(stdout).toContain("host\n  rs1 192.0.2.21  inventories/prod/hosts.yml:5:")
    expect(stdout).toContain(
      "      groups: web; its variables: lbctl inventory --host rs1 --explain\n",
    )
    expect(stdout).toContain("serves\n  web: weight 1, dr  inventories/prod/services/web.yml:2:3\n")
    expect(stdout).toContain("has the roles\n  realserver: it is a real server\n")
    expect(stdout).toMatch(
      /net\.ipv4\.conf\.all\.arp_ignore = 1\s+\S+role\.yml:\d+:\d+\n +role realserver\n +Answer ARP/,
    )
    expect(stdout).toMatch(
      /192\.0\.2\.10\/32 on lo[^]*192\.0\.2\.10, a VIP of web:\s+inventories\/prod\/services\/web\.yml:4:10\n/,
    )
  })

  it("tells where a service and its weights are written", async () => {
    const backends = "\n    backends: { hosts: { rs1: { weight: 5 } } }\n"
    const { stdout } = await explained("web", {
      "inventories/prod/services/web.yml": (usual) => `${usual.trimEnd()}${backends}`,
    })
    expect(stdout).toContain("service\n  web  inventories/prod/services/web.yml:2:3\n")
    expect(stdout).toContain('  scheduler: "wlc"  inventories/prod/services/web.yml:6:16\n')
    expect(stdout).toContain("by default\n  forwarding: dr, its cluster's\n")
    expect(stdout).toMatch(
      /rs1 192\.0\.2\.21 weight 5 .*\n +in the group web\n +weight: inventories\/prod\/services\/web\.yml:8:/,
    )
    expect(stdout).toMatch(
      /rs2 192\.0\.2\.22 weight 1 .*\n +in the group web\n +weight: the default\n/,
    )
    expect(stdout).toContain("held by\n  lb1, a director of priority 150")
  })

  it("tells whence a line of a file is", async () => {
    const { stdout } = await explained("lb1:/etc/keepalived/keepalived.conf")
    expect(stdout).toMatch(/^file\n {2}\/etc\/keepalived\/keepalived\.conf/)
    expect(stdout).toMatch(
      /role director, template\s+.*templates\/director\/keepalived\.conf\.hbs\n$/,
    )
    const found = await Promise.all(
      [1, 2].map((line) => explained(`lb1:/etc/modules-load.d/lbctl-director.conf:${line}`)),
    )
    expect(found.map(({ stdout: text }) => /line \d\n {2}.*/.exec(text)?.[0])).toEqual([
      expect.stringContaining("line 1\n  # "),
      expect.stringContaining("line 2\n  ip_vs  "),
    ])
  })

  it("tells what of the definition a line names, and prints no secret", async () => {
    const edits = {
      "roles/motd/role.yml": motd,
      "inventories/prod/group_vars/web.yml": "phrase: !env PHRASE\n",
    }
    const cwd = repository(edits)
    const env = { PHRASE: "open sesame" }
    const line = await lbctl(["explain", "rs1:/etc/motd:2"], { cwd, env })
    expect(line.stdout).toContain(
      "line 2\n  (content hidden: holds secrets)  roles/motd/role.yml:7:",
    )
    expect(line.stdout).toContain("for realserver.vips[0]")
    const whole = await lbctl(["explain", "rs1", "--json"], { cwd, env })
    expect(whole.stdout + line.stdout).not.toContain("sesame")
    const plain = { ...edits, "inventories/prod/group_vars/web.yml": "phrase: hello\n" }
    const { stdout } = await explained("rs1:/etc/motd:2", plain)
    expect(stdout).toContain("  192.0.2.10 and hello  roles/motd/role.yml:7:")
    expect(stdout).toContain(
      "names\n  192.0.2.10, a VIP of web  inventories/prod/services/web.yml:4:10\n",
    )
  })

  it.each([
    ["wbe", "lbctl: there is no host and no service wbe\n    did you mean web?\n"],
    ["rs9:/etc/motd", "lbctl: there is no host and no service rs9\n    did you mean rs1?\n"],
    [
      "lb1:/etc/keepalived/keepalived.cnf",
      "lbctl: lbctl puts no file /etc/keepalived/keepalived.cnf on lb1\n    did you mean /etc/keepalived/keepalived.conf?\n",
    ],
    [
      "lb1:/etc/shadow",
      "lbctl: lbctl puts no file /etc/shadow on lb1\n    `lbctl explain lb1` lists its files\n",
    ],
    [
      "lb1:/etc/modules-load.d/lbctl-director.conf:99",
      "lbctl: /etc/modules-load.d/lbctl-director.conf has no line 99\n    it has 2\n",
    ],
  ])("refuses %s (3)", async (subject, words) => {
    const { code, stdout, stderr } = await explained(subject)
    expect([code, stdout]).toEqual([3, ""])
    expect(stderr).toBe(words)
  })

  it("gives the same to machines", async () => {
    const { stdout } = await lbctl(["explain", "web", "--json"], { cwd: repository({}) })
    const sections = JSON.parse(stdout) as { title: string; facts: unknown[] }[]
    expect(sections[0]).toEqual({
      title: "service",
      facts: [
        {
          what: "web",
          at: { file: "inventories/prod/services/web.yml", line: 2, column: 3 },
        },
      ],
    })
  })
})
