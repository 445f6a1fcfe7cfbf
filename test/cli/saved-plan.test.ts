import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasPrivateSshd, startSshd, type Sshd } from "../push/sshd.ts"
import { appHosts, repository } from "./repository.ts"
import { lbctl, type Ended } from "./run.ts"

const role = `description: One file.
applies_to: { groups: [app] }
files:
  - path: /opt/app.conf
    content: "password is hunter2 {{host}}\\n"
`

describe("the file of lbctl plan --out", () => {
  it("never replaces what is no saved plan, and that is said before a host is contacted", async () => {
    const cwd = repository({ "notes.txt": "mine" })
    for (const [out, words] of [
      ["notes.txt", "notes.txt: this is there, and no saved plan: left alone"],
      ["inventories", "inventories: this is there, and no saved plan: left alone"],
      ["none/p.json", "there is no folder none"],
    ] as const) {
      const { code, stdout, stderr } = await lbctl(["plan", "--out", out], { cwd })
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" })
      expect(stderr).toContain(words)
    }
    expect(readFileSync(join(cwd, "notes.txt"), "utf8")).toBe("mine")
  })

  it("is refused by apply and show when it is damaged, another version, or none at all", async () => {
    const cwd = repository({
      "cut.json": '{\n "type": "lbctl-plan",\n "format_ver',
      "new.json": '{"type": "lbctl-plan", "format_version": 9, "lbctl": "9.1"}',
      "odd.json": "{}",
    })
    for (const [args, words] of [
      [["apply", "cut.json"], "cut.json: the saved plan is damaged: it is cut off"],
      [["apply", "new.json"], "written by lbctl 9.1 in format 9; this lbctl reads 1"],
      [["show", "plan", "new.json"], "written by lbctl 9.1 in format 9; this lbctl reads 1"],
      [["show", "plan", "odd.json"], "odd.json: this is not a saved plan"],
      [["show", "plan", "gone.json"], "there is no file gone.json"],
      [["plan", "cut.json"], "cut.json is a saved plan, not an inventory"],
      [["apply", "cut.json", "--limit", "rs1"], "cut.json says itself which hosts it is for"],
      [["apply", "cut.json", "--tags", "director"], "cut.json says itself which hosts"],
    ] as const) {
      const { code, stdout, stderr } = await lbctl(args, { cwd })
      expect({ args, code, stdout }).toEqual({ args, code: 3, stdout: "" })
      expect(stderr).toContain(words)
      expect(stderr.trimEnd().split("\n").length).toBe(2)
    }
  })
})

describe.skipIf(!hasPrivateSshd)("a plan that was saved", () => {
  let sshd: Sshd
  let cwd = ""

  beforeAll(async () => {
    sshd = await startSshd(["/var/lib", "/opt"])
  })
  afterAll(async () => {
    await sshd.stop()
  })

  const run = (...args: string[]): Promise<Ended> => lbctl(args, { cwd, env: { HOME: sshd.home } })

  function write(path: string, text: string): void {
    mkdirSync(join(cwd, path, ".."), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }

  it("is applied exactly, or not at all", async () => {
    cwd = repository({ "inventories/prod/hosts.yml": appHosts(sshd), "roles/app/role.yml": role })

    const planned = await run("plan", "--limit", "app", "--out", "p.json")
    expect(planned).toMatchObject({ code: 0 })
    expect(planned.stdout).toContain("+ file /opt/app.conf: new, 1 line")
    expect(planned.stderr).toContain("To apply exactly this: lbctl apply p.json")
    expect(statSync(join(cwd, "p.json")).mode & 0o777).toBe(0o600)
    const text = readFileSync(join(cwd, "p.json"), "utf8")
    expect(text).not.toContain("hunter2")
    const shown = await run("show", "plan", "p.json")
    expect(shown.stdout).toContain(planned.stdout.trim())

    write("roles/app/role.yml", role.replace("hunter2", "changed"))
    const edited = await run("apply", "p.json")
    expect({ code: edited.code, stdout: edited.stdout }).toEqual({ code: 5, stdout: "" })
    expect(edited.stderr).toContain("stale: nothing was written.\n  app1: the definition says")
    expect(edited.stderr).toContain("plan again: lbctl plan inventories/prod --limit 'app' --out")
    write("roles/app/role.yml", role)

    const applied = await run("apply", "p.json", "--quiet")
    expect(applied).toMatchObject({ code: 0, stderr: "" })
    expect(applied.stdout).toMatch(/^Plan: 1 host to change \(1 file\)\.\n1 changed in .*\n$/)
    expect((await run("plan", "--limit", "app", "--detailed-exitcode")).code).toBe(0)

    const again = await run("apply", "p.json", "--json")
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 5, stderr: "" })
    const told = JSON.parse(again.stdout) as { type: string; reasons: { message: string }[] }
    expect(told.type).toBe("stale")
    expect(told.reasons.map((reason) => reason.message)).toEqual([
      "was planned: + file /opt/app.conf: new, 1 line",
      "changed on the host: files, release",
    ])

    // With nothing to do it is saved and applied all the same, over the former plan; and by its role as by its group.
    expect((await run("plan", "--tags", "app", "--out", "p.json")).code).toBe(0)
    const nothing = await run("apply", "p.json")
    expect(nothing).toMatchObject({ code: 0 })
    expect(nothing.stdout).toBe("No changes. 1 host holds what the definition says.\n")
  })

  it("is none while a host cannot be reached", async () => {
    cwd = repository({
      "inventories/prod/hosts.yml": appHosts(sshd).replace(`${sshd.port}`, "1"),
      "roles/app/role.yml": role,
    })
    const { code, stderr } = await run("plan", "--limit", "app", "--out", "p.json")
    expect(code).toBe(4)
    expect(stderr).toContain("p.json was not written: not all hosts could be reached")
    expect(() => statSync(join(cwd, "p.json"))).toThrow("ENOENT")
  })
})
