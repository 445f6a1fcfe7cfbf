import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Finding } from "../../src/report/code-quality.ts"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

const mistaken = { "inventories/prod/services/web.yml": "services: { web: {} }" }

describe("lbctl validate --format", () => {
  it("github annotates lines by their path in the repository, wherever it runs", async () => {
    const cwd = repository(mistaken)
    mkdirSync(join(cwd, ".git"))
    for (const [args, folder] of [
      [["validate", "--format", "github"], cwd],
      [["validate", "prod", "--format", "github"], join(cwd, "inventories")],
    ] as const) {
      const { code, stdout } = await lbctl(args, { cwd: folder })
      expect(code).toBe(3)
      expect(stdout).toMatch(
        /^::error file=inventories\/prod\/services\/web\.yml,line=1,col=13,title=schema-missing-key::/,
      )
    }
  })

  it("gitlab is a Code Quality report, also of what is sound, with the words beside it", async () => {
    const bad = await lbctl(["validate", "--format", "gitlab"], { cwd: repository(mistaken) })
    const findings = JSON.parse(bad.stdout) as Finding[]
    expect(bad.code).toBe(3)
    expect(findings.length).toBeGreaterThan(1)
    expect(findings[0]?.location).toEqual({
      path: "inventories/prod/services/web.yml",
      lines: { begin: 1 },
    })
    expect(bad.stderr).toContain("nothing was changed anywhere")
    const good = await lbctl(["validate", "--format", "gitlab"], { cwd: repository() })
    expect([good.code, JSON.parse(good.stdout)]).toEqual([0, []])
  })

  it("markdown is a table", async () => {
    const { code, stdout } = await lbctl(["validate", "--format", "markdown"], {
      cwd: repository(mistaken),
    })
    expect(code).toBe(3)
    expect(stdout).toMatch(/^### lbctl validate: \d problems\n/)
  })
})

describe("lbctl plan --format", () => {
  const unreachable = {
    "inventories/prod/hosts.yml": `all:
  vars: { ansible_host: 127.0.0.1, ansible_port: 1 }
  children:
    lb: { hosts: { lb1: { lbctl_address: 192.0.2.11 }, lb2: { lbctl_address: 192.0.2.12 } } }
    web: { hosts: { rs1: { lbctl_address: 192.0.2.21 }, rs2: { lbctl_address: 192.0.2.22 } } }
`,
  }

  it("github shows text, annotates, and adds to the summary of the step", async () => {
    const cwd = repository({ ...unreachable, "summary.md": "before\n" })
    const { code, stdout } = await lbctl(["plan", "--format", "github"], {
      cwd,
      env: { GITHUB_STEP_SUMMARY: join(cwd, "summary.md") },
    })
    expect(code).toBe(4)
    expect(stdout).toContain("Plan: 0 hosts to change, 4 unreachable.\n")
    expect(stdout).toMatch(/^::error title=lbctl%3A unreachable::lb1: /m)
    expect(readFileSync(join(cwd, "summary.md"), "utf8")).toMatch(
      /^before\n<!-- lbctl plan -->\n\n### Plan: 0 hosts to change, 4 unreachable\.\n/,
    )
  })

  it("gitlab and markdown are for a file: nothing else stands on standard output", async () => {
    const cwd = repository(unreachable)
    const [gitlab, markdown] = await Promise.all([
      lbctl(["plan", "--format", "gitlab"], { cwd }),
      lbctl(["plan", "--format", "markdown"], { cwd }),
    ])
    expect(JSON.parse(gitlab.stdout)).toEqual({ create: 0, update: 0, delete: 0 })
    expect(markdown.stdout).toMatch(/^<!-- lbctl plan -->\n/)
  })

  it("is one of five, and not at odds with --json", async () => {
    const cwd = repository()
    const odd = await lbctl(["plan", "--format", "yaml"], { cwd })
    expect(odd.code).toBe(3)
    expect(odd.stderr).toContain("Allowed choices are text, json, github, gitlab, markdown")
    const both = await lbctl(["plan", "--json", "--format", "github"], { cwd })
    expect(both.code).toBe(3)
    expect(both.stderr).toContain("--json and --format github exclude each other")
  })
})
