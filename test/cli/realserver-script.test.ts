import { describe, expect, it } from "vitest"
import { repository, usual } from "./repository.ts"
import { lbctl } from "./run.ts"

const hosts = "inventories/prod/hosts.yml"
const web = "inventories/prod/services/web.yml"

/** What `lbctl realserver script` prints in a fleet whose rs2 has these variables and whose service has these lines. */
async function script(words: readonly string[], vars = "lbctl_managed: false", lines = "") {
  const cwd = repository({
    [hosts]: (text) => text.replace("192.0.2.22 }", `192.0.2.22, ${vars} }`),
    [web]: `${usual[web]}${lines}`,
  })
  return lbctl(["realserver", "script", ...words], { cwd })
}

describe("lbctl realserver script", () => {
  it("prints the script of a host that lbctl does not manage, and of any other, for sh", async () => {
    const [other, own] = await Promise.all([script(["rs2"]), script(["rs1"])])
    expect([other.code, other.stderr]).toEqual([0, ""])
    expect(other.stdout).toMatch(/^#!\/bin\/sh\n/)
    expect(other.stdout).toContain("  add_address 192.0.2.10/32 lo\n")
    expect(own.stdout).toBe(other.stdout.replace("for rs2", "for rs1"))
  })

  it("is for FreeBSD where the inventory says so, or --system does", async () => {
    const said = await script(["rs2"], "lbctl_init: rc, lbctl_managed: false")
    expect(said.stdout).toContain("  add_address 192.0.2.10/32 lo0\n")
    expect((await script(["rs2", "--system", "freebsd"])).stdout).toBe(said.stdout)
    const linux = await script(["rs2", "--system", "linux"], "lbctl_init: rc")
    expect(linux.stdout).toContain("  add_address 192.0.2.10/32 lo\n")
  })

  it("is a batch file for Windows", async () => {
    const { code, stdout } = await script(["rs2", "--system", "windows"])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^@echo off\r\n/)
    expect(stdout).toContain("\r\ncall :add ipv4 192.0.2.10\r\n")
  })

  it("says what it can't, and why", async () => {
    const tun = "    forwarding: tun\n"
    const cases = await Promise.all([
      script(["rs2", "--system", "windows"], "lbctl_managed: false", tun),
      script(["rs2"], "lbctl_managed: false", "    forwarding: nat\n"),
      script(["lb1"]),
      script(["rs3"]),
    ])
    expect(cases.map(({ code, stdout }) => [code, stdout])).toEqual(cases.map(() => [3, ""]))
    expect(cases.map(({ stderr }) => stderr.split("\n")[0])).toEqual([
      "lbctl: rs2 gets packets by tunnel (ipip), which a script for windows does not set up",
      "lbctl: rs2 has no VIP to hold",
      "lbctl: lb1 has no VIP to hold",
      "lbctl: the inventory has no host rs3",
    ])
  })
})
