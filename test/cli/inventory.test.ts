import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { Secret } from "../../src/core/secret.ts"
import { explain, explainTable } from "../../src/cli/inventory-explain.ts"
import { ansibleJson } from "../../src/cli/inventory-list.ts"
import { pythonText } from "../../src/cli/python-text.ts"
import { folder } from "./repository.ts"
import { lbctl, type Ended } from "./run.ts"

const site = {
  "site/hosts": `[web]
rs1 ansible_host=192.0.2.21 weight=5
rs2
[web:vars]
weight=1
flags={"a": [True, None]}
`,
  "site/group_vars/all.yml": "zone: tokyo\nweight: 2\n",
  "site/host_vars/rs2.yml": "weight: 3\n",
}

function show(
  args: readonly string[],
  files: Readonly<Record<string, string>> = site,
): Promise<Ended> {
  const cwd = folder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  return lbctl(["inventory", ...args], { cwd })
}

describe("lbctl inventory", () => {
  it("shows an inventory that has no clusters, in every view", async () => {
    const [list, graph, hosts, host] = await Promise.all([
      show(["site", "--list", "-l", "rs2"]),
      show(["site", "--graph", "web", "--vars"]),
      show(["site", "--hosts", "--limit", "web:!rs1"]),
      show(["-i", "site/hosts", "--host", "rs1"]),
    ])
    expect(JSON.parse(list.stdout)).toEqual({
      _meta: { hostvars: { rs2: { flags: { a: [true, null] }, weight: 3, zone: "tokyo" } } },
      all: { children: ["ungrouped", "web"] },
      web: { hosts: ["rs2"] },
    })
    expect(graph.stdout).toBe(`@web:
  |--rs1
  |  |--{ansible_host = 192.0.2.21}
  |  |--{flags = {'a': [True, None]}}
  |  |--{weight = 5}
  |  |--{zone = tokyo}
  |--rs2
  |  |--{flags = {'a': [True, None]}}
  |  |--{weight = 3}
  |  |--{zone = tokyo}
  |--{flags = {'a': [True, None]}}
  |--{weight = 1}
`)
    expect(hosts.stdout).toBe("rs2\n")
    expect(JSON.parse(host.stdout)).toMatchObject({ ansible_host: "192.0.2.21", weight: 5 })
    expect([list, graph, hosts, host].map(({ code, stderr }) => [code, stderr])).toEqual(
      Array.from({ length: 4 }, () => [0, ""]),
    )
  })

  it("explains which file and line won each variable, and over which", async () => {
    const [text, json] = await Promise.all([
      show(["site", "--host", "rs2", "--explain"]),
      show(["site", "--host", "rs2", "--explain", "--json"]),
    ])
    expect(text.stdout).toBe(`VARIABLE      VALUE              FROM
flags         {"a":[true,null]}  site/hosts:6 (group web)
weight        3                  site/host_vars/rs2.yml:1 (host rs2)
  instead of  2                  site/group_vars/all.yml:2 (group all)
  instead of  1                  site/hosts:5 (group web)
zone          "tokyo"            site/group_vars/all.yml:1 (group all)
`)
    const weight = (JSON.parse(json.stdout) as { variable: string }[])[1]
    expect(weight).toMatchObject({
      variable: "weight",
      value: 3,
      from: { file: "site/host_vars/rs2.yml", line: 1, column: 9 },
      over: [{ value: 2 }, { value: 1, of: "group web" }],
    })
  })

  it.each<[readonly string[], string]>([
    [["site"], "nothing to show is named"],
    [["site", "--list", "--hosts"], "--list and --hosts are two views"],
    [["site", "--list", "--explain"], "--explain says nothing about --list"],
    [["site", "--graph", "--limit", "rs1"], "--limit says nothing about --graph"],
    [["site", "--host", "rs3"], "the inventory has no host rs3\n    did you mean rs1?"],
    [["site", "--graph", "wbe"], "the inventory has no group wbe\n    did you mean web?"],
    [["--graph", "site"], "name the inventory first: lbctl inventory site --graph"],
    [["site", "--hosts", "-l", "rs3"], "--limit: rs3 matches no host or group [limit]"],
    [["site", "-i", "gone", "--hosts"], "there is no inventory gone [inventory-missing]"],
  ])("%j is refused: %s", async (args, words) => {
    const { code, stdout, stderr } = await show(args)
    expect([code, stdout]).toEqual([3, ""])
    expect(stderr).toContain(words)
  })
})

describe("values, as they are shown", () => {
  it("never tell a secret", () => {
    const at = { file: "f", line: 1, column: 1 }
    const vars = new Map([["key", { value: new Secret("hush"), at }]])
    expect(explainTable(explain([{ of: "host rs1", vars }]))).toMatch(/"\(secret\)"/)
    expect(pythonText(new Secret("hush"))).toBe("(secret)")
    expect(pythonText([new Secret("hush")])).toBe("['(secret)']")
    expect(ansibleJson({ key: [new Secret("hush")] })).toContain('"(secret)"')
  })

  it.each([
    ["text", "text"],
    [true, "True"],
    [null, "None"],
    [1.5, "1.5"],
    [["it's", 'say "x"', `'"`], `["it's", 'say "x"', '\\'"']`],
    [["a\nb\\c\u0001"], "['a\\nb\\\\c\\x01']"],
    [{ a: {} }, "{'a': {}}"],
  ])("%j is %s to Python", (value, text) => expect(pythonText(value)).toBe(text))
})
