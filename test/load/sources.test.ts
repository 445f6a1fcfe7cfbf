import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { formatProblem, type Problem } from "../../src/core/problem.ts"
import { ansibleJson, inventoryList } from "../../src/cli/inventory-list.ts"
import { inventoryGraph } from "../../src/cli/inventory-graph.ts"
import { loadInventory, type LoadedInventory } from "../../src/load/inventory.ts"
import { findSources } from "../../src/load/inventory-sources.ts"
import { tree } from "./tree.ts"

interface Read {
  readonly loaded: LoadedInventory | undefined
  readonly problems: readonly string[]
}

function read(currentFolder: string, ...paths: readonly string[]): Read {
  const sources = findSources(
    paths.map((path) => join(currentFolder, path)),
    currentFolder,
  )
  if (!sources.ok) return { loaded: undefined, problems: sources.error.map(formatProblem) }
  const reading = { currentFolder, problems: [] as Problem[] }
  const loaded = loadInventory(sources.value, reading)
  return { loaded, problems: reading.problems.map(formatProblem) }
}

/** A tree in which files that begin with #! may be executed. */
function files(contents: Readonly<Record<string, string>>): string {
  const folder = tree({})
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    if (text.startsWith("#!/")) chmodSync(join(folder, path), 0o755)
  }
  return folder
}

function good(
  contents: Readonly<Record<string, string>>,
  ...paths: readonly string[]
): LoadedInventory {
  const { loaded, problems } = read(files(contents), ...paths)
  if (loaded === undefined || problems.length > 0) throw new Error(problems.join("\n"))
  return loaded
}

function bad(
  contents: Readonly<Record<string, string>>,
  ...paths: readonly string[]
): readonly string[] {
  return read(files(contents), ...paths).problems
}

function varsOf({ inventory }: LoadedInventory, name: string): unknown {
  return inventory.hosts.find((host) => host.name === name)?.vars
}

function placeOf({ inventory }: LoadedInventory, host: string, name: string): unknown {
  return inventory.hosts.find((candidate) => candidate.name === host)?.varAt[name]
}

describe("an INI inventory", () => {
  it("has hosts, ranges, ports, variables and groups of groups", () => {
    const loaded = good(
      {
        hosts: `; comment
lone ansible_host=192.0.2.1   # the end
[web]
rs[01:02] weight=5 note="a b"
rs3:2222
[2001:db8::1]:2022
[site:children]
lb   # the directors
web
[lb]
lb1
[site:vars]
zone = tokyo
flag=False
ansible_group_priority=10
`,
      },
      "hosts",
    )
    expect(loaded.inventory.groups).toMatchObject({
      ungrouped: ["lone"],
      web: ["rs01", "rs02", "rs3", "2001:db8::1"],
      site: ["rs01", "rs02", "rs3", "2001:db8::1", "lb1"],
    })
    expect(varsOf(loaded, "lone")).toEqual({ ansible_host: "192.0.2.1" })
    const site = { zone: "tokyo", flag: false }
    expect(varsOf(loaded, "rs02")).toEqual({ weight: 5, note: "a b", ...site })
    expect(varsOf(loaded, "rs3")).toEqual({ ansible_port: 2222, ...site })
    expect(varsOf(loaded, "2001:db8::1")).toEqual({ ansible_port: 2022, ...site })
    expect(loaded.groups.get("site")?.node.priority).toBe(10)
  })

  it("knows the line and column of every value", () => {
    const loaded = good({ hosts: "[web]\n  rs1 a=1 b=2\n[web:vars]\nc =  3\n" }, "hosts")
    expect(placeOf(loaded, "rs1", "b")).toEqual({ file: "hosts", line: 2, column: 11 })
    expect(placeOf(loaded, "rs1", "c")).toEqual({ file: "hosts", line: 4, column: 6 })
  })

  it("adds a child that is defined later where its definition stands, as Ansible does", () => {
    const loaded = good({ hosts: "[all]\nh\n[p:children]\nb\na\n[a]\nh\n[b]\nh\n" }, "hosts")
    expect(loaded.groups.get("p")?.children).toEqual(["a", "b"])
  })

  it.each([
    ["[web hosts]", "1:1: error: [web hosts] is no header of a section [inventory-ini]"],
    [
      "h\n[web:var]",
      "2:1: error: [web:var] is no kind of section [inventory-ini]\n    did you mean vars?",
    ],
    ["[web]\nrs1 5", "2:5: error: 5 is no NAME=VALUE [inventory-ini]"],
    ["[web]\nrs1 a='b", "2:1: error: a ' is not closed [inventory-ini]"],
    ["[web]\nrs1:", "2:1: error: rs1: is no host [inventory-ini]"],
    ["[web]\nrs[3:1]", "2:1: error: rs[3:1]: [3:1] runs backwards [inventory-range]"],
    ["[web]\nh\n[web:vars]\nzone tokyo", "4:1: error: zone tokyo is no NAME=VALUE [inventory-ini]"],
    ["[web]\nh\n[web:vars]\na={1}", "4:3: error: {1} is a set to Ansible [inventory-ini]"],
    [
      "[web]\nh\n[site:children]\nwed",
      "4:1: error: the group wed is a child of site, but there is no section [wed] [inventory-group]\n    did you mean web?",
    ],
    [
      "[web]\nh\n[wed:vars]\na=1",
      "3:1: error: the group wed has variables, but there is no section [wed] [inventory-group]\n    did you mean web?",
    ],
    ["[web]\nh\n[site:children]\na b", "4:1: error: a b is no name of a group [inventory-ini]"],
    [
      "[web]\nh\n[web:children]\nweb",
      "4:1: error: the group web cannot be a child of web: it contains it [inventory-loop]",
    ],
    ["[../web]\nh", '1:1: error: "../web" cannot be the name of a group [inventory-name]'],
  ])("%j: the mistake and its place", (text, words) => {
    const problems = bad({ hosts: text }, "hosts")
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`hosts:${words}`)
  })

  it("tells all mistakes at once", () => {
    expect(bad({ hosts: "[a b]\n[web]\nrs1 x\nrs2 y\n" }, "hosts")).toHaveLength(3)
  })
})

describe("the format of a file", () => {
  it.each([
    ["hosts", "rs1\n"],
    ["hosts", "[web]\nrs1\n"],
    ["hosts.ini", "rs1 a=b\n"],
    ["hosts.prod", "rs1:2222\n"],
    ["hosts", "# comment\n---\nall: {hosts: {rs1: }}\n"],
    ["hosts", "all:\n  hosts:\n    rs1:\n"],
    ["hosts", '{"all": {"hosts": {"rs1": null}}}'],
    ["hosts.json", '{"all": {"hosts": {"rs1": null}}}'],
    ["hosts.yaml", "all: {hosts: rs1}\n"],
    ["hosts.sh", '#!/bin/sh\necho \'{"web": ["rs1"]}\'\n'],
  ])("%s with %j is known by its ending or its content", (name, text) => {
    expect(good({ [name]: text }, name).inventory.hosts.map((host) => host.name)).toEqual(["rs1"])
  })

  it("is told where lbctl does not read it", () => {
    expect(bad({ "hosts.toml": "" }, "hosts.toml")[0]).toContain("[inventory-format]")
    expect(bad({ hosts: "#!nothing\n" }, "hosts")).toEqual([
      "hosts:1:1: error: hosts is a script, but may not be executed [inventory-script]\n    chmod +x hosts",
    ])
  })
})

describe("an inventory script", () => {
  const script = (...lines: readonly string[]): Record<string, string> => ({
    "inv.sh": `#!/bin/sh\n${lines.join("\n")}\n`,
  })
  const list = (json: string): string => `[ "$1" = --list ] && echo '${json}'`

  it("prints groups, and variables of hosts in _meta", () => {
    const loaded = good(
      script(
        list(
          '{"web": {"hosts": ["rs1"], "vars": {"g": 1}, "children": ["sub"]}, "sub": ["rs2"], "_meta": {"hostvars": {"rs1": {"h": 2}, "gone": {"x": 1}}}}',
        ),
        '[ "$1" = --list ] || exit 9',
      ),
      "inv.sh",
    )
    expect(loaded.inventory.groups).toMatchObject({
      web: ["rs1", "rs2"],
      sub: ["rs2"],
    })
    expect(varsOf(loaded, "rs1")).toEqual({ g: 1, h: 2 })
    expect(placeOf(loaded, "rs1", "h")).toEqual({ file: "inv.sh", line: 1, column: 1 })
  })

  it("may name a host by its variables alone, which makes it a group too", () => {
    const { loaded, problems } = read(
      files(script(list('{"rs3": {"a": 1}, "_meta": {"hostvars": {}}}'))),
      "inv.sh",
    )
    expect(loaded?.inventory.hosts[0]?.vars).toEqual({ a: 1 })
    expect(problems[0]).toContain("warning: rs3 is the name of a host and of a group")
  })

  it("is asked for each host when it has no _meta, silence meaning no variables", () => {
    const loaded = good(
      script(
        list('{"web": ["rs1", "rs2"]}'),
        '[ "$2" = rs1 ] && echo "{\\"name\\": \\"$2\\"}"',
        "exit 0",
      ),
      "inv.sh",
    )
    expect(varsOf(loaded, "rs1")).toEqual({ name: "rs1" })
    expect(varsOf(loaded, "rs2")).toEqual({})
  })

  it.each([
    [["echo no credentials >&2", "exit 3"], "inv.sh --list ended with exit code 3: no credentials"],
    [["kill -9 $$"], "inv.sh --list was killed by SIGKILL"],
    [["echo '[1]'"], "inv.sh --list printed not a JSON object but a list"],
    [["echo oops"], 'inv.sh --list printed what is no JSON, beginning with "oops"'],
    [["true"], "inv.sh --list printed nothing"],
    [
      [`echo '{"web": {"hosts": "rs1"}, "_meta": {"hostvars": {}}}'`],
      'hosts of the group web is the text "rs1"',
    ],
    [
      [`echo '{"web": {"hosts": ["rs1"], "vars": [1]}, "_meta": {"hostvars": {}}}'`],
      "vars of the group web is a list",
    ],
    [[`echo '{"web": ["rs1"], "_meta": {"hostvars": {"rs1": 1}}}'`], "the variables of rs1 are 1"],
    [
      [`echo '{"we b": ["rs1"], "_meta": {"hostvars": {}}}'`],
      '"we b" cannot be the name of a group',
    ],
  ])("%j: %s", (lines, words) => {
    expect(bad(script(...lines), "inv.sh")[0]).toContain(`inv.sh:1:1: error: ${words}`)
  })

  it("tells of an interpreter that is not there", () => {
    const problems = bad({ inv: "#!/no/such/python\n" }, "inv")
    expect(problems[0]).toContain("cannot be run: what its first line names does not exist")
  })
})

describe("a folder as an inventory", () => {
  const folder = {
    "prod/20-more.yml": "web: {hosts: {rs2: }, vars: {v: later}}\n",
    "prod/10-hosts": "[web]\nrs1\n[web:vars]\nv=earlier\n",
    "prod/nested/30-deep": "rs3\n",
    "prod/clusters.yml": "clusters: {}\n",
    "prod/services/web.yml": "services: {}\n",
    "prod/roles/x/role.yml": "x",
    "prod/group_vars/all.yml": "g: 1\n",
    "prod/.hidden": "!",
    "prod/notes.txt": "!",
    "prod/README.md": "!",
    "prod/old.bak": "!",
    "prod/hosts.ini": "!",
    "prod/ansible.cfg": "!",
    "prod/site.retry": "!",
    "prod/10-hosts~": "!",
  }

  it("is all its files by name, without backups, notes and what is lbctl's own", () => {
    const loaded = good(folder, "prod")
    expect(loaded.inventory.hosts.map((host) => host.name)).toEqual(["rs3", "rs1", "rs2"])
    expect(varsOf(loaded, "rs1")).toEqual({ v: "later", g: 1 })
  })

  it("lets groups of an earlier file be used in a later one", () => {
    const loaded = good(
      { "prod/1": "[web]\nrs1\n", "prod/2": "[site:children]\nweb\n[web:vars]\na=1\n" },
      "prod",
    )
    expect(loaded.inventory.groups["site"]).toEqual(["rs1"])
  })
})

describe("several inventories", () => {
  it("are one, the later over the earlier, group_vars of both", () => {
    const loaded = good(
      {
        "a/hosts": "[p:children]\nc\n[c]\nh x=a\n",
        "a/group_vars/c.yml": "deep: a\nboth: a\n",
        "a/group_vars/all.yml": "everyone: a\n",
        "a/host_vars/h.yml": "own: a\n",
        "b/hosts": "[c]\nh x=b\n",
        "b/group_vars/p.yml": "deep: b\n",
        "b/group_vars/all.yml": "everyone: b\nboth: b\n",
        "b/host_vars/h.yml": "own: b\n",
      },
      "a",
      "b/hosts",
    )
    // A parent's group_vars in a later source beat a child's in an earlier one; those of `all` never do.
    expect(varsOf(loaded, "h")).toEqual({ x: "b", deep: "b", both: "a", everyone: "b", own: "b" })
  })

  it("keep their order where they share a folder", () => {
    const files = {
      "a/one": "h\n",
      "a/two": "h\n",
      "a/group_vars/all.yml": "v: a\n",
      "b/hosts": "h\n",
      "b/group_vars/all.yml": "v: b\n",
    }
    expect(varsOf(good(files, "a/one", "b/hosts"), "h")).toEqual({ v: "b" })
    expect(varsOf(good(files, "a/one", "b/hosts", "a/two"), "h")).toEqual({ v: "a" })
  })
})

const corpus = join(import.meta.dirname, "../../../shared/corpus/ansible-inventory")
const golden = (name: string): string => readFileSync(join(corpus, name), "utf8")

describe.skipIf(!existsSync(corpus))(
  "what ansible-inventory made of the corpus, to the byte",
  () => {
    it.each([
      ["a_ini", "a_ini/hosts"],
      ["b_yaml", "b_yaml/hosts.yml"],
      ["c_prio", "c_prio/hosts.yml"],
      ["d_dyn", "d_dyn/inv.sh"],
      ["e_dir", "e_dir"],
    ])("%s: --list and --graph", (name, path) => {
      const { loaded, problems } = read(corpus, path)
      expect(problems).toEqual([])
      if (loaded === undefined) return
      const hosts = new Set(loaded.inventory.hosts.map((host) => host.name))
      expect(ansibleJson(inventoryList(loaded, hosts))).toBe(golden(`${name}.list.json`).trimEnd())
      expect(inventoryGraph(loaded, "all", false)).toBe(golden(`${name}.graph.txt`).trimEnd())
    })

    it("f_edge: refuses what YAML 1.1 and 1.2 read differently, and nothing else", () => {
      const { loaded, problems } = read(corpus, "f_edge/hosts.yml")
      expect(loaded).toBeUndefined()
      expect(problems.map((problem) => problem.split(" ")[2])).toEqual([
        "yes",
        "on",
        "010",
        "0o10",
        "1_000",
        "12:30:45",
      ])
      const cured = golden("f_edge/hosts.yml")
        .replace("t1: yes, t2: on, t3: 010", "t1: true, t2: true, t3: 8")
        .replace("t4: 0o10, t5: 1_000, t6: 12:30:45", 't4: "0o10", t5: 1000, t6: 45045')
      const alike = good({ "hosts.yml": cured }, "hosts.yml")
      const hosts = new Set(alike.inventory.hosts.map((host) => host.name))
      expect(ansibleJson(inventoryList(alike, hosts))).toBe(golden("f_edge.list.json").trimEnd())
      expect(inventoryGraph(alike, "all", false)).toBe(golden("f_edge.graph.txt").trimEnd())
    })
  },
)
