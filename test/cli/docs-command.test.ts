import { describe, expect, it } from "vitest"
import { folder, repository } from "./repository.ts"
import { lbctl } from "./run.ts"

describe("lbctl docs", () => {
  it("explains a key as the reference does, in 80 columns", async () => {
    const { code, stdout } = await lbctl(["docs", "services.web.scheduler"], { cwd: folder() })
    expect(code).toBe(0)
    expect(stdout).toBe(`\
services.NAME.scheduler  (services/*.yml)
  rr | wrr | lc | wlc | fo | ovf | lblc | lblcr | dh | sh | mh | sed | nq | twos
  How the kernel chooses the real server of a new connection, in ipvsadm's
  words. Default: wlc.
`)
  })

  it("tells one meaning of several keys once, and what is below a key", async () => {
    const { stdout } = await lbctl(["docs", "services.web.check.interval"], { cwd: folder() })
    expect(stdout.match(/\.interval {2}\(/g)).toHaveLength(9)
    expect(stdout.match(/The time from one check/g)).toHaveLength(1)
    const { stdout: vrrp } = await lbctl(["docs", "clusters.tokyo.vrrp"], { cwd: folder() })
    expect(vrrp).toMatch(/^clusters\.NAME\.vrrp {2}\(clusters\.yml\)\n {2}mapping, required\n/)
    expect(vrrp).toContain("  Below it: driver, interface,")
  })

  it("lists all keys, and gives them to machines", async () => {
    const { stdout } = await lbctl(["docs"], { cwd: folder() })
    expect(stdout.split("\n")).toContain("clusters.NAME.vrrp.advert_int")
    const { stdout: json } = await lbctl(["docs", "advert_int", "--json"], { cwd: folder() })
    expect(JSON.parse(json)).toMatchObject([
      { key: "clusters.NAME.vrrp.advert_int", document: "clusters.yml", values: "duration" },
    ])
  })

  it("guesses what was meant (3)", async () => {
    const { code, stderr } = await lbctl(["docs", "schedulr"], { cwd: folder() })
    expect(code).toBe(3)
    expect(stderr).toBe("lbctl: there is no key schedulr\n    did you mean scheduler?\n")
  })
})

describe("lbctl graph", () => {
  it("draws the fleet for Markdown, Graphviz and machines", async () => {
    const cwd = repository({})
    const { code, stdout } = await lbctl(["graph"], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^flowchart LR\n {2}n1\(\["lb1"\]\)\n/)
    const { stdout: dot } = await lbctl(["graph", "--format", "dot"], { cwd })
    expect(dot).toMatch(/^digraph fleet \{\n[^]*\}\n$/)
    const { stdout: json } = await lbctl(["graph", "--format", "json", "-l", "rs1"], { cwd })
    expect(JSON.parse(json)).toMatchObject({ nodes: [{ kind: "director" }, {}, {}, {}, {}] })
  })

  it("tells what is wrong with the files instead (3)", async () => {
    const cwd = repository({ "inventories/prod/clusters.yml": "clusters: 5\n" })
    const { code, stdout, stderr } = await lbctl(["graph"], { cwd })
    expect([code, stdout]).toEqual([3, ""])
    expect(stderr).toContain("clusters.yml:1:")
  })
})
