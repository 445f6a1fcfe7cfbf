import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { formatProblem } from "../../src/core/problem.ts"
import type { Problem } from "../../src/core/problem.ts"
import { loadInventory } from "../../src/load/inventory.ts"
import type { InventorySource } from "../../src/load/inventory-sources.ts"
import type { Inventory } from "../../src/schema/documents.ts"
import { tree } from "./tree.ts"

function fileSource(path: string): InventorySource {
  return { folder: dirname(path), files: [path] }
}

function load(files: Readonly<Record<string, string>>): {
  readonly inventory: Inventory | undefined
  readonly problems: readonly Problem[]
} {
  const currentFolder = tree(files)
  const reading = { currentFolder, problems: [] }
  return {
    inventory: loadInventory([fileSource(join(currentFolder, "hosts.yml"))], reading)?.inventory,
    problems: reading.problems,
  }
}

function good(files: Readonly<Record<string, string>>): Inventory {
  const { inventory, problems } = load(files)
  if (inventory === undefined || problems.length > 0)
    throw new Error(problems.map(formatProblem).join("\n"))
  return inventory
}

function varsOf(inventory: Inventory, name: string): Readonly<Record<string, unknown>> | undefined {
  return inventory.hosts.find((host) => host.name === name)?.vars
}

const nested = "all: {children: {parent: {children: {a: {hosts: {h: }}, b: {hosts: {h: }}}}}}\n"

describe("precedence, as Ansible's: the later of each pair wins", () => {
  const inFile = (text: string): Record<string, string> => ({ "hosts.yml": text })
  const groups = (options: Record<string, string>): Record<string, string> =>
    inFile(
      `all:\n  vars: {${options["all"] ?? ""}}\n  children:\n` +
        `    parent: {vars: {${options["parent"] ?? ""}}, children: {a: , b: }}\n` +
        `    a: {vars: {${options["a"] ?? ""}}, hosts: {h: {${options["host"] ?? ""}}}}\n` +
        `    b: {vars: {${options["b"] ?? ""}}, hosts: {h: }}\n`,
    )
  const cases: readonly [string, Record<string, string>][] = [
    ["all < parent", groups({ all: "v: lost", parent: "v: won" })],
    ["parent < child", groups({ parent: "v: lost", a: "v: won" })],
    [
      "parent < child whatever its priority",
      groups({ parent: "v: lost, ansible_group_priority: 9", a: "v: won" }),
    ],
    ["siblings by name", groups({ a: "v: lost", b: "v: won" })],
    [
      "siblings by priority before name",
      groups({ a: "v: won, ansible_group_priority: 2", b: "v: lost" }),
    ],
    [
      "priority as text",
      groups({
        a: 'v: won, ansible_group_priority: "10"',
        b: "v: lost, ansible_group_priority: 9",
      }),
    ],
    ["group < host", groups({ b: "v: lost", host: "v: won" })],
    [
      "deepest group inline < group_vars/all",
      { ...groups({ b: "v: lost" }), "group_vars/all.yml": "v: won" },
    ],
    [
      "group_vars/all < parent's",
      { ...groups({}), "group_vars/all.yml": "v: lost", "group_vars/parent.yml": "v: won" },
    ],
    [
      "group_vars by depth",
      { ...groups({}), "group_vars/parent.yml": "v: lost", "group_vars/a.yml": "v: won" },
    ],
    [
      "group_vars by name",
      { ...groups({}), "group_vars/a.yml": "v: lost", "group_vars/b.yml": "v: won" },
    ],
    ["group_vars < host inline", { ...groups({ host: "v: won" }), "group_vars/b.yml": "v: lost" }],
    ["host inline < host_vars", { ...groups({ host: "v: lost" }), "host_vars/h.yml": "v: won" }],
    [
      "files of a folder by name",
      { ...groups({}), "host_vars/h/10.yml": "v: lost", "host_vars/h/9.yml": "v: won" },
    ],
    [
      "folder by name among files",
      { ...groups({}), "host_vars/h/b/x.yml": "v: won", "host_vars/h/a.yml": "v: lost" },
    ],
    [
      "a group named twice, the later value",
      inFile("a: {hosts: {h: }, vars: {v: lost}}\nall: {children: {a: {vars: {v: won}}}}"),
    ],
    [
      "a host named twice, the later value",
      inFile("a: {hosts: {h: {v: lost}}}\nb: {hosts: {h: {v: won}}}"),
    ],
    [
      "upper case before lower case",
      inFile("B: {hosts: {h: }, vars: {v: lost}}\na: {hosts: {h: }, vars: {v: won}}"),
    ],
  ]
  it.each(cases)("%s", (_name, files) => {
    expect(varsOf(good(files), "h")).toEqual({ v: "won" })
  })

  it("counts the longest way down from all as a group's depth", () => {
    const text =
      "top: {children: {mid: {children: {z: }}}}\nz: {hosts: {h: }, vars: {v: deep}}\n" +
      "all: {children: {z: , zz: {hosts: {h: }, vars: {v: flat}}}}\n"
    expect(varsOf(good({ "hosts.yml": text }), "h")).toEqual({ v: "deep" })
  })

  it("replaces mappings whole", () => {
    const files = { "hosts.yml": "a: {hosts: {h: {m: {two: 2}}}, vars: {m: {one: 1}}}" }
    expect(varsOf(good(files), "h")).toEqual({ m: { two: 2 } })
  })

  it("takes ansible_group_priority in group_vars for an ordinary variable", () => {
    const files = {
      "hosts.yml": nested,
      "group_vars/a.yml": "ansible_group_priority: 5\nv: a",
      "group_vars/b.yml": "v: b",
    }
    expect(varsOf(good(files), "h")).toEqual({ v: "b", ansible_group_priority: 5 })
  })
})

describe("files of variables", () => {
  const value = (files: Record<string, string>): unknown =>
    varsOf(good({ "hosts.yml": nested, ...files }), "h")?.["v"]

  it.each(["a", "a.yml", "a.yaml", "a.json", "a/x", "a/x.yml", "a/x.json", "a/deep/x.yml"])(
    "reads group_vars/%s",
    (name) => {
      expect(value({ [`group_vars/${name}`]: '{"v": 1}' })).toBe(1)
    },
  )

  it.each(["a.txt", "a/.hidden.yml", "a/x.yml~", "a/x.bak", "a/deep.d/x.yml", "h.yml"])(
    "does not read group_vars/%s",
    (name) => {
      expect(value({ [`group_vars/${name}`]: '{"v": 1}' })).toBeUndefined()
    },
  )

  it("takes an empty file for no variables", () => {
    expect(value({ "group_vars/a.yml": "---\n" })).toBeUndefined()
  })

  it("reads only the first of several for one name, with a warning", () => {
    const { inventory, problems } = load({
      "hosts.yml": nested,
      "group_vars/a.yml": "v: 2",
      "group_vars/a/x.yml": "v: 1",
    })
    expect(inventory?.hosts[0]?.vars).toEqual({ v: 1 })
    expect(problems).toMatchObject([
      { rule: "inventory-shadowed", severity: "warning", at: { file: "group_vars/a.yml" } },
    ])
  })

  it.each([
    ["group_vars/a.yml", "- v", "inventory-vars"],
    ["group_vars/a.yml", "v: yes", "yaml-ambiguous"],
    ["group_vars/a.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", "secret-closed"],
    ["host_vars/h/x.yml", "v: !vault x", "secret-closed"],
    ["group_vars", "v: 1", "inventory-vars"],
  ])("refuses %s holding %j", (name, text, rule) => {
    expect(
      load({ "hosts.yml": nested, [name]: text }).problems.map((problem) => problem.rule),
    ).toEqual([rule])
  })
})

describe("hosts and groups", () => {
  it("expands ranges, keeps ports, shares variables", () => {
    const { hosts } = good({
      "hosts.yml": "web: {hosts: {'rs[01:02]:2222': {w: 1}, rs02: {w: 2}}}",
    })
    expect(hosts.map(({ name, vars }) => [name, vars])).toEqual([
      ["rs01", { ansible_port: 2222, w: 1 }],
      ["rs02", { ansible_port: 2222, w: 2 }],
    ])
  })

  it("puts hosts without a group into ungrouped, and grouped ones never", () => {
    const { hosts, groups } = good({
      "hosts.yml":
        "all: {hosts: {x: , g: }}\nungrouped: {hosts: {u: , g: }}\nweb: {hosts: {g: }}\nempty: \n",
    })
    expect(groups).toEqual({ all: ["x", "g", "u"], ungrouped: ["u", "x"], web: ["g"], empty: [] })
    expect(hosts.map(({ name, groups: own }) => [name, own])).toEqual([
      ["x", ["all", "ungrouped"]],
      ["g", ["all", "web"]],
      ["u", ["all", "ungrouped"]],
    ])
  })

  it("takes a lone name for a mapping, and a child that is defined nowhere for an empty group", () => {
    const { groups } = good({ "hosts.yml": "web: {hosts: rs1, children: more}" })
    expect(groups).toEqual({ all: ["rs1"], ungrouped: [], web: ["rs1"], more: [] })
  })

  it("lists parents before children among a host's groups", () => {
    expect(good({ "hosts.yml": nested }).hosts[0]?.groups).toEqual(["all", "parent", "a", "b"])
  })

  it("knows where a host and each winning value stand", () => {
    const files = {
      "hosts.yml": "web:\n  hosts:\n    rs1: { w: 1 }\n  vars:\n    x: 2\n",
      "host_vars/rs1.yml": "\nw: 3\n",
    }
    expect(good(files).hosts[0]).toMatchObject({
      at: { file: "hosts.yml", line: 3, column: 5 },
      varAt: {
        w: { file: "host_vars/rs1.yml", line: 2, column: 4 },
        x: { file: "hosts.yml", line: 5, column: 8 },
      },
    })
  })

  it("shares hosts by merge key and alias", () => {
    const text = "a: &a {hosts: {h: {v: 1}}}\nb: {<<: *a, vars: {w: 2}}\n"
    expect(varsOf(good({ "hosts.yml": text }), "h")).toEqual({ v: 1, w: 2 })
  })
})

describe("problems", () => {
  it.each([
    ["", "inventory-empty", "1:1"],
    ["all: {children: {web: }}", "inventory-empty", "1:1"],
    ["- rs1", "inventory-format", "1:1"],
    ["plugin: aws_ec2\n", "inventory-format", "1:9"],
    ["web: [rs1]", "inventory-group", "1:6"],
    ["web: {hosts: [rs1]}", "inventory-group", "1:14"],
    ["web: {hosts: {rs1: 5}}", "inventory-group", "1:20"],
    ["web: {hosts: {h: }, vars: x}", "inventory-group", "1:27"],
    ["web: {host: {rs1: }}", "inventory-key", "1:7"],
    ["web: {hosts: {'rs[2:1]': }}", "inventory-range", "1:15"],
    ["web: {hosts: {'-oProxyCommand=x': }}", "inventory-name", "1:15"],
    ["web: {hosts: {../x: }}", "inventory-name", "1:15"],
    ["../web: {hosts: {h: }}", "inventory-name", "1:1"],
    ["a: {hosts: {h: }, vars: {ansible_group_priority: high}}", "inventory-priority", "1:50"],
    ["a: {hosts: {h: }, children: {b: {children: {a: }}}}", "inventory-loop", "1:45"],
    ["a: {hosts: {h: }, children: {all: }}", "inventory-loop", "1:30"],
    ["a: {hosts: {h: }, children: {a: }}", "inventory-loop", "1:30"],
    ["web: {hosts: {web: }}", "inventory-name", "1:15"],
  ])("%s: %s at %s", (text, rule, place) => {
    const found = load({ "hosts.yml": text }).problems
    expect(found.map((problem) => problem.rule)).toEqual([rule])
    expect(`${found[0]?.at?.line}:${found[0]?.at?.column}`).toBe(place)
  })

  it("names the key that was meant", () => {
    const [problem] = load({ "hosts.yml": "web: {host: {rs1: }}" }).problems
    expect(problem?.hint).toBe("did you mean hosts?")
  })

  it("shows all of them, of all files", () => {
    const { problems } = load({
      "hosts.yml": "web: {hots: , hosts: {'a[': , b: 5, c: }}",
      "group_vars/web.yml": "x: on\ny: 010",
      "host_vars/c.yml": "a: [",
    })
    expect(problems.map(({ rule }) => rule).sort()).toEqual([
      "inventory-group",
      "inventory-key",
      "inventory-range",
      "yaml-ambiguous",
      "yaml-ambiguous",
      "yaml-ambiguous",
      "yaml-syntax",
    ])
  })
})
