import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let folder = ""
let env: Record<string, string> = {}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lbctl-shells-"))
  mkdirSync(join(folder, "bin"))
  const program = join(folder, "bin/lbctl")
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${resolve("bin/lbctl.js")} "$@"\n`)
  chmodSync(program, 0o755)
  env = { HOME: folder, TERM: "xterm", PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` }
  run("lbctl", ["init", "inventories/prod"])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { cwd: folder, env, encoding: "utf8", timeout: 60_000 })
}

describe("completion in a real fish", () => {
  it.each([
    ["lbctl val", ["validate"]],
    ["lbctl show nothing", []],
    ["lbctl show vservers --js", ["--json"]],
    ["lbctl plan -l ", ["all", "directors", "lb1", "lb2", "rs1", "rs2", "ungrouped", "web"]],
    ["lbctl plan --limit=lb", ["--limit=lb1", "--limit=lb2"]],
    ["lbctl drain rs", ["rs1", "rs2"]],
    ["lbctl failover ", ["main"]],
    ["lbctl show vservers ", ["web"]],
    ["lbctl completion ", ["bash", "fish", "zsh"]],
    ["lbctl render -o inv", ["inventories/"]],
  ])("offers after `%s`: %j", (line, expected) => {
    const script = `lbctl completion fish | source; complete -C '${line}'`
    const lines = run("fish", ["-c", script])
      .split("\n")
      .filter((text) => text !== "")
    expect(lines.map((text) => text.split("\t")[0])).toEqual(expected)
  })
})

/** Types into an interactive zsh on a pseudo-terminal of its own, and prints what the line became. */
const typist = `zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell 'PS1=; autoload -U compinit; compinit -u -d $HOME/dump; source <(lbctl completion zsh); report() { print -r -- "LINE<$BUFFER>"; BUFFER=; zle accept-line }; zle -N report; bindkey "^X" report; echo REA''DY'
zpty -r -m shell seen '*READY*'
zpty -n -w shell "$1"$'\\t'$'\\x18'
zpty -r -m shell seen '*LINE<*>*'
print -r -- "$seen"
zpty -d shell
`

describe("completion in a real zsh", () => {
  it.each([
    ["lbctl val", "lbctl validate "],
    ["lbctl show nod", "lbctl show nodes "],
    ["lbctl plan --li", "lbctl plan --limit "],
    ["lbctl plan -l dir", "lbctl plan -l directors "],
    ["lbctl plan --limit=dir", "lbctl plan --limit=directors "],
    ["lbctl plan -l lb1,dir", "lbctl plan -l lb1,directors "],
    ["lbctl failover ", "lbctl failover main "],
    ["lbctl apply --allow weights", "lbctl apply --allow weights-zero "],
    ["lbctl completion z", "lbctl completion zsh "],
  ])("makes of `%s`: `%s`", (typed, line) => {
    const seen = run("zsh", ["-f", "-c", typist, "typist", typed])
    expect(/LINE<([^>]*)>/.exec(seen)?.[1]).toBe(line)
  })
})

describe("the manual page", () => {
  it("is one to mandoc, without a warning", () => {
    const { stdout: lint } = spawnSync(
      "mandoc",
      ["-T", "lint", "-W", "warning", resolve("man/lbctl.1")],
      {
        encoding: "utf8",
      },
    )
    // It says nothing of when it was made, so that the same source gives the same page.
    expect(
      lint
        .trim()
        .split("\n")
        .filter((line) => !line.includes("missing date")),
    ).toEqual([])
    const text = execFileSync("mandoc", ["-T", "ascii", resolve("man/lbctl.1")], {
      encoding: "utf8",
    })
    expect(text).toContain("lbctl")
  })
})
