import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { chooseHosts, termsOf } from "../../src/compile/host-pattern.ts"
import { formatProblem, type Problem } from "../../src/core/problem.ts"
import { inventoryGraph } from "../../src/cli/inventory-graph.ts"
import { ansibleJson, inventoryList } from "../../src/cli/inventory-list.ts"
import { loadInventory, type LoadedInventory } from "../../src/load/inventory.ts"
import { findSources } from "../../src/load/inventory-sources.ts"

/** The same inventories, read by Ansible and by lbctl. */

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbctl-ansible-"))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Files = Readonly<Record<string, string>>

function write(files: Files): void {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, text] of Object.entries({ ...files, "ansible.cfg": "" })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    if (text.startsWith("#!/")) chmodSync(join(folder, path), 0o755)
  }
}

async function ansible(
  program: string,
  sources: readonly string[],
  ...words: string[]
): Promise<string> {
  const args = [...sources.flatMap((source) => ["-i", source]), ...words]
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    LC_ALL: "C.UTF-8",
    ANSIBLE_CONFIG: "ansible.cfg",
  }
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env })
  return stdout.trimEnd()
}

function lbctl(sources: readonly string[]): LoadedInventory {
  const found = findSources(
    sources.map((source) => join(folder, source)),
    folder,
  )
  if (!found.ok) throw new Error(found.error.map(formatProblem).join("\n"))
  const reading = { currentFolder: folder, problems: [] as Problem[] }
  const loaded = loadInventory(found.value, reading)
  const wrong = reading.problems.filter(({ severity }) => severity !== "warning")
  if (loaded === undefined || wrong.length > 0) throw new Error(wrong.map(formatProblem).join("\n"))
  return loaded
}

/** Python writes a float's zero (1000.0), JavaScript does not: the same number. */
async function agreeOnValues(files: Files, source: string): Promise<void> {
  write(files)
  const list = await ansible("ansible-inventory", [source], "--list")
  const loaded = lbctl([source])
  const hosts = new Set(loaded.inventory.hosts.map((host) => host.name))
  expect(JSON.parse(ansibleJson(inventoryList(loaded, hosts)))).toEqual(JSON.parse(list))
}

/** To the byte. */
async function agree(files: Files, ...sources: readonly string[]): Promise<void> {
  write(files)
  const loaded = lbctl(sources)
  const hosts = new Set(loaded.inventory.hosts.map((host) => host.name))
  const [list, graph] = await Promise.all([
    ansible("ansible-inventory", sources, "--list"),
    ansible("ansible-inventory", sources, "--graph", "--vars"),
  ])
  expect(ansibleJson(inventoryList(loaded, hosts))).toBe(list)
  expect(inventoryGraph(loaded, "all", true)).toBe(graph)
}

/** Values for an INI file, as they are written there. */
const values = [
  "5",
  "-5",
  "+5",
  "- 5",
  "00",
  "012",
  "1_000",
  "1_",
  "0x1f",
  "0o17",
  "0b11",
  "1.5",
  ".5",
  "1e3",
  "5m",
  "True",
  "true",
  "False",
  "None",
  "none",
  "yes",
  "",
  "abc",
  "a b",
  "10.0.0.1",
  "2001:db8::1",
  "2024-10-12",
  "2024-01-02",
  "1+1",
  "--5",
  "'q'",
  `"q"`,
  `"it's"`,
  `'a' "b"`,
  "'open",
  "r'\\d'",
  "u'x'",
  "'\\x41\\t\\u00e9\\101\\d'",
  "[1, 2]",
  "[1, 'a', [True]]",
  "[1, a]",
  "[1,]",
  "[]",
  "()",
  "(1)",
  "(1,)",
  "1, 2",
  "{'a': 1, '2': None}",
  "{}",
  "{a: 1}",
  "1 # one",
  "abc # text",
  "#abc",
  "a=b",
  "{{ x }}",
  "{{ 'x' | upper }}",
  "-o ProxyJump=bastion",
  "~/.ssh/id",
  "é",
  "a\\nb",
  "'''a'b'''",
  "f'x'",
  "...x",
  "not 1",
  "1 if 1 else 2",
]

describe("lbctl reads as ansible-inventory does", () => {
  it("values of [GROUP:vars]", async () => {
    const lines = values.map((value, index) => `v${index}=${value}`)
    await agreeOnValues({ hosts: `[web]\nrs1\n[web:vars]\n${lines.join("\n")}\n` }, "hosts")
  })

  it("values of hosts, quoted and not", async () => {
    const plain = values.filter((value) => !/[\s"'\\#]/.test(value))
    const quoted = values.filter((value) => !/["\\]/.test(value))
    const words = [
      ...plain.map((value, index) => `p${index}=${value}`),
      ...quoted.map((value, index) => `q${index}="${value}"`),
      "s='a b'",
      'd="a\\"b"',
      "e=a\\ b",
      "n='\\n'",
      "h=a'#'b",
      "x=a#b y=lost",
    ]
    await agreeOnValues({ hosts: `[web]\nrs1 ${words.join(" ")}\nrs2 # a=1\n` }, "hosts")
  })

  it("names of hosts, ranges and ports", async () => {
    const ini = `bare.example.com
alias ansible_host=192.0.2.10
[web]
a[01:04].dc1 n=1
b[a:c]
c[1:9:3]-x[0:1]
d[:2]
e[A:C]
host7:2222
192.0.2.[1:3]:2200
[2001:db8::1]:2022
host7:99 ; n=2
`
    await agree({ hosts: ini.replace(" ; n=2", " n=2") }, "hosts")
    const yaml = 'web: {hosts: {"a[01:04]": {x: 1}, "b[a:c]": , "h:2222": , "a02": {x: 2}}}\n'
    await agree({ "hosts.yml": yaml }, "hosts.yml")
  })

  it("groups in every order of their definition", async () => {
    const ini = `[site:children]
web
lb
[later:vars]
a=1
[lb]
h1
[web:children]
sub
[sub]
h2
[later]
h3
[all:vars]
x=1
[ungrouped]
h4
h1
`
    await agree({ hosts: ini }, "hosts")
    const yaml = "all: {hosts: {x: , g: }}\nungrouped: {hosts: {u: , g: }}\nweb: {hosts: {g: }}\n"
    await agree({ "hosts.yml": yaml }, "hosts.yml")
  })

  it("scripts, with _meta and without", async () => {
    const list =
      '{"web": {"hosts": ["h1", "h2"], "vars": {"a": 1}, "children": ["sub"]}, "sub": ["h3"]'
    const meta = '"_meta": {"hostvars": {"h1": {"b": [1, "x"]}, "gone": {"c": 1}}}'
    const host = '[ "$1" = --host ] && echo "{\\"own\\": \\"$2\\"}"'
    const script = (json: string): string =>
      `#!/bin/sh\n[ "$1" = --list ] && echo '${json}'\n${host}\nexit 0\n`
    await agree({ "inv.sh": script(`${list}, ${meta}}`) }, "inv.sh")
    await agree({ "inv.sh": script(`${list}}`) }, "inv.sh")
  })

  it("folders, with what is passed over", async () => {
    const files = {
      "prod/10-hosts": "[web]\nrs1\n",
      "prod/20.yml": "web: {hosts: {rs2: }, vars: {v: later}}\n",
      "prod/sub/30": "[web]\nrs3\n",
      "prod/group_vars/web/10.yml": "v: file\nm: {a: 1}\n",
      "prod/group_vars/web/20.yml": "m: {b: 2}\n",
      "prod/host_vars/rs1.json": '{"j": [1]}',
      ...Object.fromEntries(
        ["a.ini", "b.cfg", "c.bak", "d~", "e.orig", "f.retry", "g.md", "h.txt", ".i"].map(
          (name) => [`prod/${name}`, "[web]\nlost\n"],
        ),
      ),
    }
    await agree(files, "prod")
  })
})

const groupNames = ["a", "B", "c", "D", "e"] as const
const hostNames = ["h1", "h2", "h3", "h4"]
const variableNames = ["u", "v", "w"]

interface DrawnGroup {
  readonly hosts: readonly string[]
  /** Whether each later group is a child. */
  readonly children: readonly boolean[]
  readonly vars: readonly string[]
  readonly fileVars: readonly string[]
  readonly priority: number
}

interface DrawnSource {
  readonly format: "ini" | "yaml"
  readonly groups: readonly DrawnGroup[]
  readonly hostVars: readonly (readonly string[])[]
  readonly hostFiles: readonly (readonly string[])[]
  readonly allFile: readonly string[]
}

const names = fc.subarray(variableNames)
const group: fc.Arbitrary<DrawnGroup> = fc.record({
  hosts: fc.subarray(hostNames),
  children: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  vars: names,
  fileVars: names,
  priority: fc.integer({ min: 1, max: 3 }),
})
const perHost = fc.array(names, { minLength: 4, maxLength: 4 })
const source: fc.Arbitrary<DrawnSource> = fc.record({
  format: fc.constantFrom("ini", "yaml"),
  groups: fc.array(group, { minLength: 5, maxLength: 5 }),
  hostVars: perHost,
  hostFiles: perHost,
  allFile: names,
})

/** Files of one source; every value says where it stands. */
function filesOf(drawn: DrawnSource, at: string): Files {
  const files: Record<string, string> = {}
  const put = (path: string, vars: readonly string[]): void => {
    if (vars.length > 0)
      files[`${at}/${path}.yml`] = vars.map((name) => `${name}: ${at}-${path}\n`).join("")
  }
  put("group_vars/all", drawn.allFile)
  drawn.groups.forEach(({ fileVars }, index) => put(`group_vars/${groupNames[index]}`, fileVars))
  drawn.hostFiles.forEach((vars, index) => put(`host_vars/${hostNames[index]}`, vars))
  const name = drawn.format === "ini" ? "hosts" : "hosts.yml"
  files[`${at}/${name}`] = drawn.format === "ini" ? iniOf(drawn, at) : yamlOf(drawn, at)
  return files
}

function childrenOf({ children }: DrawnGroup, index: number): string[] {
  return groupNames.filter((_, other) => other > index && children[other] === true)
}

function iniOf(drawn: DrawnSource, at: string): string {
  const own = (host: string, of: string): string =>
    (drawn.hostVars[hostNames.indexOf(host)] ?? [])
      .map((name) => ` ${name}=${at}-${host}-${of}`)
      .join("")
  const lines = drawn.groups.flatMap((each, index) => {
    const of = groupNames[index] ?? ""
    return [
      `[${of}]`,
      ...each.hosts.map((host) => host + own(host, of)),
      `[${of}:vars]`,
      `ansible_group_priority=${each.priority}`,
      ...each.vars.map((variable) => `${variable}=${at}-${of}`),
      `[${of}:children]`,
      ...childrenOf(each, index),
    ]
  })
  return `lone\n${lines.join("\n")}\n`
}

function yamlOf(drawn: DrawnSource, at: string): string {
  const document = drawn.groups.map((each, index): [string, unknown] => {
    const of = groupNames[index] ?? ""
    const hosts = each.hosts.map((host): [string, unknown] => {
      const vars = drawn.hostVars[hostNames.indexOf(host)] ?? []
      return [host, Object.fromEntries(vars.map((variable) => [variable, `${at}-${host}-${of}`]))]
    })
    const vars = each.vars.map((variable) => [variable, `${at}-${of}`])
    return [
      of,
      {
        hosts: Object.fromEntries(hosts),
        vars: { ...Object.fromEntries(vars), ansible_group_priority: each.priority },
        children: Object.fromEntries(childrenOf(each, index).map((child) => [child, null])),
      },
    ]
  })
  return JSON.stringify({ ...Object.fromEntries(document), ungrouped: { hosts: { lone: null } } })
}

describe("any inventory", () => {
  it("has the same groups and the same variables from one source or two", async () => {
    const sources = fc.array(source, { minLength: 1, maxLength: 2 })
    await fc.assert(
      fc.asyncProperty(sources, async (drawn) => {
        const files = drawn.map((each, index) => filesOf(each, `s${index}`))
        const merged: Files = Object.assign({}, ...files) as Files
        await agree(merged, ...drawn.map((_, index) => `s${index}`))
      }),
      { numRuns: 20, seed: 20_260_101, endOnFailure: true },
    )
  })
})

const fleet = `lone
[lb]
lb1
lb2
lb3
[web]
rs1
rs2
rs10
[2001:db8::1]:22
[tokyo]
lb1
rs1
rs2
[site:children]
lb
web
`

describe("a pattern chooses as `ansible --list-hosts` does", () => {
  it.each([
    "all",
    "*",
    "lb",
    "lb1",
    "lb:web",
    "lb,web",
    "rs1, lb2",
    "web:&tokyo",
    "site:&tokyo:!rs1",
    "!web",
    "&tokyo",
    "!rs1:web",
    "lb*",
    "rs?",
    "rs[!1]*",
    "l*:!lone",
    "~rs\\d+",
    "~(lb|rs)1",
    "~.*s1$",
    "t*",
    "web[0]",
    "web[-1]",
    "web[-2]",
    "web[1:2]",
    "web[2:]",
    "web[0:0]",
    "site[3:4]",
    "lb*[1]",
    "lb:!lb[0]",
    "rs1:lb:rs1",
    "2001:db8::1",
    "lb,2001:db8::1",
    "ungrouped",
    "rs2:rs1",
    "web[0]:lb[-1]",
    "a*",
  ])("%s", async (pattern) => {
    write({ hosts: fleet })
    const { inventory } = lbctl(["hosts"])
    const chosen = chooseHosts(termsOf(pattern), inventory)
    const output = await ansible("ansible", ["hosts"], pattern, "--list-hosts")
    const [, ...hosts] = output.split("\n").map((line) => line.trim())
    expect(hosts.length).toBeGreaterThan(0)
    expect(chosen).toEqual({ ok: true, value: hosts })
  })

  it.each(["nobody", "lb[5:6]", "lb[01:03].dc1", "web:&lb"])(
    "%s: nobody, which lbctl refuses",
    async (pattern) => {
      write({ hosts: fleet })
      const { inventory } = lbctl(["hosts"])
      const chosen = chooseHosts(termsOf(pattern), inventory)
      expect(chosen.ok ? chosen.value : []).toEqual([])
      expect(await ansible("ansible", ["hosts"], pattern, "--list-hosts")).toContain("hosts (0)")
    },
  )
})
