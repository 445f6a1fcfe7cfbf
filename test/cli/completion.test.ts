import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { completionModel } from "../../src/cli/completion/model.ts"
import { commands } from "../../src/cli/grammar/commands.ts"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

/** A folder with an inventory, lbctl on the PATH. */
function desk(edits: Parameters<typeof repository>[0] = {}): { cwd: string; PATH: string } {
  const cwd = repository({ ...edits, "bin/lbctl": "" })
  const program = join(cwd, "bin/lbctl")
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${resolve("bin/lbctl.js")} "$@"\n`)
  chmodSync(program, 0o755)
  return { cwd, PATH: `${join(cwd, "bin")}:${process.env["PATH"] ?? ""}` }
}

/** What bash offers after each of these words; the last is what is being typed. */
function offered(lines: readonly (readonly string[])[], edits = {}): string[] {
  const { cwd, PATH } = desk(edits)
  const ask = lines.map(
    (words) =>
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); _lbctl; echo "\${COMPREPLY[*]}"`,
  )
  const script = `. <(lbctl completion bash)\n${ask.join("\n")}\n`
  const text = execFileSync("bash", ["-c", script], {
    cwd,
    env: { PATH, HOME: cwd },
    encoding: "utf8",
  })
  return text.trimEnd().split("\n")
}

describe("completion in a real bash", () => {
  it("offers commands, options and what they take", () => {
    expect(
      offered([
        ["lbctl", "va"],
        ["lbctl", "show", "n"],
        ["lbctl", "plan", "--li"],
        ["lbctl", "plan", "-l", ""],
        ["lbctl", "plan", "-l", "lb1,r"],
        ["lbctl", "plan", "--limit", "=", "lb2"],
        ["lbctl", "plan", ""],
        ["lbctl", "plan", "--json", "inv"],
        ["lbctl", "drain", "r"],
        ["lbctl", "failover", ""],
        ["lbctl", "show", "vservers", ""],
        ["lbctl", "apply", "--allow", "weights"],
        ["lbctl", "completion", ""],
        ["lbctl", "render", "-o", "in"],
      ]),
    ).toEqual([
      "validate",
      "nodes",
      "--limit",
      "lb1 lb2 rs1 rs2 all ungrouped lb web",
      "lb1,rs1 lb1,rs2",
      "lb2",
      "inventories/prod",
      "inventories/prod",
      "rs1 rs2",
      "main",
      "web",
      "weights-zero",
      "bash zsh fish",
      "inventories",
    ])
  })

  it("takes names from the inventory that stands on the line", () => {
    const other = { "inventories/test/hosts.yml": "all: { hosts: { only: } }\n" }
    const lines = [
      ["lbctl", "plan", "inventories/test", "-l", "on"],
      ["lbctl", "plan", "-i", "inventories/test", "-l", "on"],
      ["lbctl", "plan", "-i", "inventories/t"],
    ]
    expect(offered(lines, other)).toEqual(["only", "only", "inventories/test"])
  })
})

describe("what completion asks lbctl for", () => {
  it.each(["hosts", "patterns", "clusters", "services", "inventories", "nonsense", ""])(
    "is answered in silence where files are wrong or missing: %s",
    async (kind) => {
      const cwd = repository({
        "inventories/prod/hosts.yml": "a: [\n",
        "inventories/prod/clusters.yml": "- x\n",
        "inventories/prod/services/web.yml": "{",
      })
      const ended = await lbctl(["__complete", kind, "inventories/prod"], { cwd })
      expect(ended).toMatchObject({ code: 0, stderr: "" })
    },
  )

  it("runs no inventory script", async () => {
    const cwd = repository({ "inventories/prod/cloud": "#!/bin/sh\n: > ran\necho '{}'\n" })
    chmodSync(join(cwd, "inventories/prod/cloud"), 0o755)
    const ended = await lbctl(["__complete", "hosts"], { cwd })
    expect(ended).toMatchObject({ code: 0, stdout: "lb1\nlb2\nrs1\nrs2\n", stderr: "" })
    expect(existsSync(join(cwd, "ran"))).toBe(false)
  })

  it("needs no keys: names of hosts are no secrets", async () => {
    const cwd = repository({
      "inventories/prod/group_vars/all.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
    })
    const ended = await lbctl(["__complete", "hosts"], { cwd })
    expect(ended).toMatchObject({ code: 0, stdout: "lb1\nlb2\nrs1\nrs2\n", stderr: "" })
  })
})

describe("completionModel()", () => {
  it("knows every command; an option takes a value everywhere or nowhere", () => {
    const nodes = completionModel(commands)
    expect(nodes.length).toBeGreaterThan(commands.length)
    const takes = new Map<string, boolean>()
    for (const { options } of nodes)
      for (const { names, value } of options)
        for (const name of names) {
          expect([name, takes.get(name) ?? value !== undefined]).toEqual([
            name,
            value !== undefined,
          ])
          takes.set(name, value !== undefined)
        }
  })
})
