import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { keygen } from "../push/sshd.ts"
import { folder, repository } from "./repository.ts"
import { bash, lbctl } from "./run.ts"

const commands = [
  "init",
  "validate",
  "inventory",
  "render",
  "explain",
  "graph",
  "docs",
  "plan",
  "apply",
  "realserver",
  "realserver setup",
  "realserver verify",
  "realserver status",
  "realserver teardown",
  "realserver prune",
  "realserver script",
  "agent",
  "agent install",
  "show",
  "show nodes",
  "show plan",
  "show vservers",
  "show vserver",
  "show backends",
  "show overrides",
  "drain",
  "resume",
  "disable",
  "enable",
  "weight",
  "set-priority",
  "top",
  "failover",
  "completion",
  "history",
  "rollback",
  "drift",
  "doctor",
  "lock",
  "lock status",
  "lock acquire",
  "lock release",
]

/** All hosts at a port of this machine where nobody listens; with a key to log in with. */
function silentFleet(): string {
  const root = repository({
    "inventories/prod/hosts.yml": `all:
  vars: { ansible_host: 127.0.0.1, ansible_port: 1 }
  children:
    lb: { hosts: { lb1: { lbctl_address: 192.0.2.11 }, lb2: { lbctl_address: 192.0.2.12 } } }
    web: { hosts: { rs1: { lbctl_address: 192.0.2.21 }, rs2: { lbctl_address: 192.0.2.22 } } }
`,
  })
  mkdirSync(join(root, ".ssh"), { mode: 0o700 })
  keygen("ed25519", join(root, ".ssh/id_ed25519"))
  return root
}

describe("lbctl --help", () => {
  it("fits 80 columns for every command, and every command of README.md has one", async () => {
    const cwd = folder()
    const all = await Promise.all(
      ["", ...commands].map((command) =>
        lbctl([...command.split(" "), "--help"].filter(Boolean), { cwd }),
      ),
    )
    for (const { code, stdout, stderr } of all) {
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
    }
    const table = readFileSync("README.md", "utf8").match(/^\| `lbctl [^|\n]*(\\\|[^|\n]*)*\|/gm)
    const named = (table ?? []).flatMap((row) =>
      [...row.matchAll(/`lbctl ([a-z-]+)/g)].map(([, name]) => name),
    )
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((name) => !commands.includes(name ?? ""))).toEqual([])
  })

  it("tells the exit codes that docs/exit-codes.md explains", async () => {
    const { stdout } = await lbctl(["--help"], { cwd: folder() })
    const codes = /Exit codes:([^]*)/.exec(stdout)?.[1]?.match(/\b\d+\b/g) ?? []
    const rows = readFileSync("docs/exit-codes.md", "utf8").matchAll(/^\| (\d+) \|/gm)
    expect(codes).toEqual([...rows].map(([, code]) => code))
  })
})

describe("a mistyped command line", () => {
  it.each([
    [["aply"], "unknown command 'aply'\n(Did you mean apply?)"],
    [["plan", "--jsn"], "unknown option '--jsn'\n(Did you mean --json?)"],
    [["show", "nods"], "unknown command 'nods'\n(Did you mean nodes?)"],
    [["plan", "a", "b"], "too many arguments"],
    [["drain"], "missing required argument 'target'"],
    [["plan", "--limit"], "argument missing"],
    [["apply", "--confirm-timeout", "30"], "--confirm-timeout 30: not a duration"],
    [["apply", "--confirm-timeout", "2s"], "--confirm-timeout 2s is out of range"],
    [["apply", "--allow", "vip-unconected"], "did you mean vip-unconnected?"],
    [["realserver", "setup", "--allow", "all"], "guards are vip-unconnected"],
    [["drain", "rs1", "--wait", "5"], "--wait 5: not a duration"],
    [["drain", "rs9"], "rs9 is no real server of any service\n    did you mean rs1?"],
    [["weight", "rs1", "heavy"], "heavy is no weight"],
    [["weight", "rs1", "70000"], "70000 is no weight"],
    [["weight", "rs1", "default", "--for", "1h"], "default takes no --reason, --for"],
    [["disable", "rs1", "--for", "1h", "--until", "18:00"], "two ways to say one thing"],
    [["top", "--interval", "100ms"], "--interval 100ms: must be from 500ms to 1h"],
    [["resume", "rs1", "--ramp", "2d"], "--ramp 2d: must be from 1ms to"],
    [["set-priority", "lb1", "255"], "255 is no priority that can be given"],
    [["set-priority", "lb1", "default", "--for", "1h"], "default takes no --reason, --for"],
    [["set-priority", "rs1", "90"], "rs1 is no director"],
    [["disable", "webb"], "did you mean web?"],
    [["drain", "rs1:shop"], "rs1 does not serve shop\n    known are web"],
    [["failover", "tokyo"], "there is no cluster tokyo\n    the clusters are main"],
    [["show", "vserver", "wbe"], "there is no service wbe\n    did you mean web?"],
    [["plan", "--limit", ""], "--limit is empty"],
    [["plan", "--tags", "driector"], "no such role or service [tags]\n    did you mean director?"],
    [["apply", "--skip-tags", "service:web"], "leave no service [tags]"],
    [["plan", "--limit", ","], "--limit is empty"],
    [
      ["render", "--limit", "wbe"],
      "--limit: wbe matches no host or group [limit]\n    did you mean web?",
    ],
    [["render", "--limit", "db*"], "there are: lb1, lb2, rs1, rs2, all, ungrouped, lb, web"],
    [["render", "--limit", "web:!rs*"], "--limit web:!rs* leaves no host"],
    [["realserver", "status", "--limit", "lb"], "no real server among these hosts"],
    [["plan", "inventories/dev"], "there is no inventory inventories/dev [inventory-missing]"],
  ])("%j is bad usage (3), with a hint", async (args, words) => {
    const { code, stdout, stderr } = await lbctl(args, { cwd: repository() })
    expect(stderr).toContain(words)
    expect([code, stdout]).toEqual([3, ""])
  })
})

describe("from an empty folder", () => {
  it("init, validate and render follow from one another", async () => {
    const cwd = folder()
    const nothing = await lbctl(["validate"], { cwd })
    expect(nothing.stderr).toContain("`lbctl init inventories/prod`")
    expect(nothing.code).toBe(3)
    const init = await lbctl(["init", "inventories/prod"], { cwd })
    expect(init.stdout).toContain("then: lbctl validate inventories/prod")
    const again = await lbctl(["init", "inventories/prod"], { cwd })
    expect(again).toMatchObject({ code: 3, stdout: "" })
    expect(again.stderr).toContain("inventories/prod is not empty")
    expect(await lbctl(["validate"], { cwd })).toEqual({
      code: 0,
      stdout: "valid: 1 cluster, 1 service, 4 hosts to manage\n",
      stderr: "",
    })
    const [one, other] = await Promise.all([lbctl(["render"], { cwd }), lbctl(["render"], { cwd })])
    expect(one.stdout).toContain("virtual_router_id 51")
    expect(other).toEqual(one)
  })

  it("init does not take a file for a folder", async () => {
    const cwd = folder()
    writeFileSync(join(cwd, "prod"), "")
    expect(await lbctl(["init", "prod"], { cwd })).toMatchObject({ code: 3 })
  })
})

describe("lbctl render", () => {
  it("writes what it prints, for the chosen hosts alone", async () => {
    const cwd = repository()
    const { stdout } = await lbctl(["render", "-l", "rs1", "-o", "out"], { cwd })
    expect(stdout).toMatch(/^wrote \d+ files of 1 host below out\n$/)
    expect(readdirSync(join(cwd, "out"))).toEqual(["rs1"])
    const printed = await lbctl(["render", "-l", "rs1"], { cwd })
    const script = readFileSync(join(cwd, "out/rs1/usr/local/sbin/lvs-real"), "utf8")
    expect(printed.stdout).toContain(script)
  })

  it("leaves files alone that hold what they should, and mends the others", async () => {
    const cwd = repository()
    await lbctl(["render", "-l", "rs1", "-o", "out"], { cwd })
    const right = join(cwd, "out/rs1/usr/local/sbin/lvs-real")
    const wrong = join(cwd, "out/rs1/etc/sysctl.d/90-lbctl-realserver.conf")
    const wanted = readFileSync(wrong, "utf8")
    utimesSync(right, 1, 1)
    writeFileSync(wrong, "edited")
    await lbctl(["render", "-l", "rs1", "-o", "out"], { cwd })
    expect(statSync(right).mtimeMs).toBe(1000)
    expect(readFileSync(wrong, "utf8")).toBe(wanted)
  })
})

describe("INVENTORY left out", () => {
  it("is LBCTL_INVENTORY, or the only one in inventories/; several are an error that names them", async () => {
    const cwd = repository()
    expect(await lbctl(["validate"], { cwd })).toMatchObject({ code: 0 })
    mkdirSync(join(cwd, "inventories/dev"))
    writeFileSync(join(cwd, "inventories/dev/hosts.yml"), "")
    const several = await lbctl(["validate"], { cwd })
    expect(several.code).toBe(3)
    expect(several.stderr).toContain("LBCTL_INVENTORY: inventories/dev, inventories/prod")
    const named = await lbctl(["validate"], { cwd, env: { LBCTL_INVENTORY: "inventories/prod" } })
    expect(named.code).toBe(0)
    const gone = await lbctl(["validate"], { cwd, env: { LBCTL_INVENTORY: "inventories/old" } })
    expect(gone.code).toBe(3)
    expect(gone.stderr).toContain("LBCTL_INVENTORY names inventories/old, which does not exist")
  })
})

describe("--json", () => {
  it("gives problems as JSON on standard output, and nothing else", async () => {
    const cwd = repository({ "inventories/prod/services/web.yml": "services: { web: {} }" })
    for (const args of [
      ["validate"],
      ["plan"],
      ["apply"],
      ["show", "nodes"],
      ["agent", "install"],
    ]) {
      const { code, stdout, stderr } = await lbctl([...args, "--json"], { cwd })
      expect([code, stderr]).toEqual([3, ""])
      expect(JSON.parse(stdout)).toMatchObject({
        valid: false,
        problems: [{ rule: "schema-missing-key", at: { line: 1 } }, {}, {}],
      })
    }
    const valid = await lbctl(["validate", "--json"], { cwd: repository() })
    expect(JSON.parse(valid.stdout)).toEqual({ valid: true, problems: [] })
  })
})

describe("hosts that nobody can reach", () => {
  const unreached = [
    ["plan"],
    ["plan", "--json"],
    ["apply"],
    ["apply", "--yes", "--json"],
    ["agent", "install", "--json"],
    ["realserver", "setup", "--yes"],
    ["realserver", "teardown", "--yes"],
    ["realserver", "status", "--json"],
    ["realserver", "verify"],
    ["realserver", "verify", "--json"],
    ["show", "nodes"],
    ["show", "vservers", "--json"],
    ["show", "backends"],
    ["show", "vserver", "web", "--json"],
    ["drain", "rs1"],
    ["enable", "rs1"],
    ["rollback", "--yes"],
    ["drift"],
    ["doctor"],
    ["doctor", "--json"],
    ["lock", "status"],
    ["lock", "acquire", "-m", "work"],
    ["lock", "release", "--force"],
  ]

  it("are named with the reason and the exit code 4 by every command", async () => {
    const cwd = silentFleet()
    const all = await Promise.all(unreached.map((args) => lbctl(args, { cwd })))
    for (const [index, { code, stdout, stderr }] of all.entries()) {
      const args = unreached[index] ?? []
      expect({ args, code }).toEqual({ args, code: 4 })
      expect(`${stdout}${stderr}`).toContain("127.0.0.1")
      expect(`${stdout}${stderr}`).not.toMatch(/^\s+at .*:\d+:\d+/m)
      // oxlint-disable-next-line no-control-regex
      expect(`${stdout}${stderr}`).not.toMatch(/\u001b/)
      if (args.includes("--json")) expect(() => JSON.parse(stdout)).not.toThrow()
    }
    const plan = all[0]?.stdout ?? ""
    expect(plan).toMatch(/^ {2}4 hosts: lb1, lb2, rs1, rs2: .* refuses connections$/m)
    expect(all[2]?.stderr).toBe("\nNothing was changed: none of the hosts could be reached.\n")
  }, 60_000)
})

describe("a reader that goes away", () => {
  it("is no error", async () => {
    const cwd = repository()
    const { code, stdout, stderr } = await bash("$lbctl render | head -1", cwd)
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^#### lb1 {2}release [0-9a-f]{12}\n$/)
  })
})

describe("lbctl history", () => {
  it("tells which hosts could not be asked, and ends with 4", async () => {
    const { code, stdout, stderr } = await lbctl(["history"], { cwd: silentFleet() })
    expect([code, stdout]).toEqual([4, ""])
    expect(stderr).toContain("rs2: ")
  })

  it.each([
    ["-n", "0"],
    ["-n", "many"],
    ["-n", "501"],
  ])("refuses %s %s", async (...words) => {
    const { code, stderr } = await lbctl(["history", ...words], { cwd: silentFleet() })
    expect([code, stderr]).toEqual([3, expect.stringContaining("1 to 500")])
  })
})

describe("lbctl lock acquire", () => {
  it("wants a message for those who are refused", async () => {
    const { code, stderr } = await lbctl(["lock", "acquire"], { cwd: silentFleet() })
    expect([code, stderr]).toEqual([3, expect.stringContaining("lock acquire -m")])
  })
})
