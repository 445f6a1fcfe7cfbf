import { symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Problem } from "../../src/core/problem.ts"
import { loadDocuments } from "../../src/load/documents.ts"
import type { Documents } from "../../src/schema/documents.ts"
import { tree } from "./tree.ts"

const fleet = {
  "inventories/prod/hosts.yml": "web: {hosts: {rs1: }}",
  "inventories/prod/clusters.yml": "clusters: {}",
  "inventories/prod/services/web.yml": "services: {}",
}

type Files = Readonly<Record<string, string | Uint8Array>>

async function load(
  files: Files,
  inventory = "inventories/prod",
): ReturnType<typeof loadDocuments> {
  return loadDocuments([inventory], { currentFolder: tree(files), packageFolder: tree(packaged) })
}

const packaged = {
  "roles/director/role.yml": "from: package",
  "roles/realserver/role.yml": "from: package",
  "templates/director/keepalived.conf.hbs": "package",
  "templates/director/notes.txt": "no template",
}

async function good(files: Files, inventory?: string): Promise<Documents> {
  const result = await load(files, inventory)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

async function allProblems(files: Files, inventory?: string): Promise<readonly Problem[]> {
  const result = await load(files, inventory)
  return result.ok ? [] : result.error
}

/** Problems of reading alone: the schemas are not met by these small files. */
async function problems(files: Files, inventory?: string): Promise<readonly Problem[]> {
  const found = await allProblems(files, inventory)
  return found.filter(({ rule }) => !rule.startsWith("schema-"))
}

describe("loadDocuments", () => {
  it("reads inventory, clusters, services, roles and templates", async () => {
    const documents = await good(fleet)
    expect(documents.inventory.groups["web"]).toEqual(["rs1"])
    expect(documents.clusters).toMatchObject({
      file: "inventories/prod/clusters.yml",
      value: { clusters: {} },
    })
    expect(documents.services.map(({ file }) => file)).toEqual([
      "inventories/prod/services/web.yml",
    ])
    expect(documents.roles.map(({ value }) => value)).toEqual([
      { from: "package" },
      { from: "package" },
    ])
    expect(Object.keys(documents.templates)).toEqual(["director/keepalived.conf.hbs"])
    expect(documents.warnings).toEqual([])
  })

  it.each(["inventories/prod", "inventories/prod/", "./inventories/prod/hosts.yml"])(
    "takes %s for the same inventory",
    async (inventory) => {
      const documents = await good(fleet, inventory)
      expect(documents.inventory.hosts[0]?.at.file).toBe("inventories/prod/hosts.yml")
    },
  )

  it("reads services in order of their names, .yaml too, and passes over all else", async () => {
    const services = ["b.yml", "a.yaml", ".hidden.yml", "b.yml~", "c.yml.bak", "README.md"]
    const files = Object.fromEntries(
      services.map((name) => [`inventories/prod/services/${name}`, "services: {}"]),
    )
    const documents = await good({ ...fleet, ...files })
    const names = documents.services.map(({ file }) =>
      file.slice("inventories/prod/services/".length),
    )
    expect(names).toEqual(["a.yaml", "b.yml", "web.yml"])
  })

  it("prefers the user's roles and templates beside inventories/", async () => {
    const documents = await good({
      ...fleet,
      "roles/director/role.yml": "from: user",
      "roles/motd/role.yml": "from: user",
      "roles/ansible_role/tasks/main.yml": "- name: not ours",
      "templates/director/keepalived.conf.hbs": "user",
      "templates/motd.hbs": "hello",
      "templates/ansible.j2": "{{ x }}",
    })
    expect(
      documents.roles.map(({ file, value }) => [file.replace(/^.*roles/, "roles"), value]),
    ).toEqual([
      ["roles/director/role.yml", { from: "user" }],
      ["roles/motd/role.yml", { from: "user" }],
      ["roles/realserver/role.yml", { from: "package" }],
    ])
    expect(documents.templates).toEqual({
      "director/keepalived.conf.hbs": {
        file: "templates/director/keepalived.conf.hbs",
        text: "user",
      },
      "motd.hbs": { file: "templates/motd.hbs", text: "hello" },
    })
  })

  it("takes the inventory's own folder for the user's when it lies in no inventories/", async () => {
    const files = Object.fromEntries(
      Object.entries({ ...fleet, "inventories/prod/roles/x/role.yml": "from: user" }).map(
        ([name, text]) => [name.replace("inventories/prod", "lab"), text],
      ),
    )
    const documents = await good(files, "lab")
    expect(documents.root).toMatch(/\/lab$/)
    expect(documents.roles.map(({ file }) => file)).toContain("lab/roles/x/role.yml")
  })

  it("finds inventories/ above an inventory in a folder of its own", async () => {
    const files = Object.fromEntries(
      Object.entries(fleet).map(([name, text]) => [name.replace("prod", "eu/prod"), text]),
    )
    const documents = await good(files, "inventories/eu/prod")
    expect(documents.root).not.toContain("inventories")
  })

  it("keeps warnings of a good load", async () => {
    const more = {
      "inventories/prod/group_vars/web.yml": "a: 1",
      "inventories/prod/group_vars/web": "a: 2",
    }
    const documents = await good({ ...fleet, ...more })
    expect(documents.warnings).toMatchObject([{ rule: "inventory-shadowed" }])
  })
})

describe("problems", () => {
  it("are all shown, sorted, with file names as the user would write them", async () => {
    const found = await problems({
      "inventories/prod/hosts.yml": "web: {hots: {rs1: }}",
      "inventories/prod/clusters.yml": "a: yes\nb: [",
      "inventories/prod/services/b.yml": "x: 1\nx: 2",
      "inventories/prod/services/a.yml": "x: off",
      "roles/r/role.yml": "a: !x 1",
    })
    expect(found.map(({ rule, at }) => `${at?.file}:${at?.line} ${rule}`)).toEqual([
      "inventories/prod/clusters.yml:2 yaml-syntax",
      "inventories/prod/hosts.yml:1 inventory-key",
      "inventories/prod/services/a.yml:1 yaml-ambiguous",
      "inventories/prod/services/b.yml:2 yaml-duplicate-key",
      "roles/r/role.yml:1 yaml-tag",
    ])
  })

  it("come with the mistakes of form in files that could be read", async () => {
    const found = await allProblems({
      "inventories/prod/hosts.yml": "web: {hosts: {rs1: ",
      "inventories/prod/clusters.yml": "clusters: { c: { directors: web, preempt: yes } }",
      "inventories/prod/services/a.yml": "services: { a: {",
      "inventories/prod/services/b.yml":
        "services: { b: { cluster: off, ports: [80], vipp: 192.0.2.1 } }",
      "roles/director/role.yml": "applies_to: { view: director }",
      "roles/realserver/role.yml": "applies: { view: realserver }",
    })
    expect(found.map(({ rule, at }) => `${at?.file}:${at?.line}:${at?.column} ${rule}`)).toEqual([
      "inventories/prod/clusters.yml:1:13 schema-missing-key",
      "inventories/prod/clusters.yml:1:34 schema-unknown-key",
      "inventories/prod/clusters.yml:1:43 yaml-ambiguous",
      "inventories/prod/hosts.yml:1:20 yaml-syntax",
      "inventories/prod/services/a.yml:1:17 yaml-syntax",
      "inventories/prod/services/b.yml:1:13 schema-missing-key",
      "inventories/prod/services/b.yml:1:27 yaml-ambiguous",
      "inventories/prod/services/b.yml:1:45 schema-unknown-key",
      "roles/realserver/role.yml:1:1 schema-missing-key",
      "roles/realserver/role.yml:1:1 schema-unknown-key",
    ])
  })

  it("name the paths to create when clusters and services are missing", async () => {
    const found = await problems({ "inventories/prod/hosts.yml": "web: {hosts: {rs1: }}" })
    expect(found.map(({ rule, hint }) => [rule, hint])).toEqual([
      ["clusters-missing", expect.stringContaining("create inventories/prod/clusters.yml")],
      ["services-missing", expect.stringContaining("create inventories/prod/services/NAME.yml")],
    ])
  })

  it.each([
    ["inventories/nowhere", {}, "inventory-missing"],
    ["inventories/prod", { "inventories/prod/README.md": "" }, "inventory-missing"],
    ["inventories/prod", { "inventories/prod/hosts.ini": "[web]\nrs1\n" }, "inventory-missing"],
  ])("%s among %j: %s", async (inventory, files, rule) => {
    const found = await problems(files, inventory)
    expect(found.map((problem) => problem.rule)).toEqual([rule])
  })

  it("name the file that a folder passes over, as Ansible does", async () => {
    const [problem] = await problems({ "inventories/prod/hosts.ini": "[web]\nrs1\n" })
    expect(problem?.hint).toContain("name the file, inventories/prod/hosts.ini")
  })

  it("name both files when two inventories have clusters", async () => {
    const folder = tree({
      "a/hosts": "rs1",
      "a/clusters.yml": "",
      "b/hosts": "rs2",
      "b/clusters.yaml": "",
    })
    const result = await loadDocuments(["a", "b"], { currentFolder: folder, packageFolder: folder })
    const found = result.ok ? [] : result.error.filter(({ rule }) => rule === "clusters-ambiguous")
    expect(found.map(({ message }) => message)).toEqual([
      "two of the inventories have clusters: a/clusters.yml and b/clusters.yaml",
    ])
  })

  it("tell of every inventory that is not there", async () => {
    const folder = tree({})
    const result = await loadDocuments(["a", "b"], { currentFolder: folder, packageFolder: folder })
    expect(result.ok ? [] : result.error.map(({ message }) => message)).toEqual([
      "there is no inventory a",
      "there is no inventory b",
    ])
  })

  it("say that an inventory has no hosts", async () => {
    const found = await problems({ ...fleet, "inventories/prod/hosts.yml": "all:\n" })
    expect(found).toMatchObject([
      { rule: "inventory-empty", at: { file: "inventories/prod/hosts.yml" } },
    ])
  })

  it("refuse files that are no UTF-8, and folders where files belong", async () => {
    const bytes = Uint8Array.of(0x61, 0x3a, 0x20, 0xff)
    const found = await problems({
      ...fleet,
      "inventories/prod/services/web.yml": bytes,
      "inventories/prod/services/x.yml/y": "",
    })
    expect(found.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      "file-encoding: inventories/prod/services/web.yml is not UTF-8 text",
      "file-unreadable: inventories/prod/services/x.yml cannot be read: it is a folder",
    ])
  })

  it("refuse what has no end instead of reading it", async () => {
    const folder = tree(fleet)
    symlinkSync("/dev/zero", join(folder, "inventories/prod/services/x.yml"))
    const result = await loadDocuments(["inventories/prod"], {
      currentFolder: folder,
      packageFolder: folder,
    })
    const messages = result.ok ? [] : result.error.map(({ message }) => message)
    expect(messages).toContain("inventories/prod/services/x.yml is no file")
  })

  it("call files outside the current folder by the shorter name", async () => {
    const currentFolder = tree({})
    const other = tree({ "hosts.yml": "" })
    const result = await loadDocuments([other], { currentFolder, packageFolder: currentFolder })
    const file = result.ok ? undefined : result.error[0]?.hint
    expect(file).toContain(join("..", other.replace(/^.*\//, "")))
  })
})
