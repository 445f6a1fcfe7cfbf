import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { validate } from "../../src/cli/commands/validate.ts"
import type { Edits } from "./repository.ts"
import { repository, usual } from "./repository.ts"

const hosts = "inventories/prod/hosts.yml"
const clusters = "inventories/prod/clusters.yml"
const web = "inventories/prod/services/web.yml"
const keepalived = "templates/director/keepalived.conf.hbs"

afterEach(() => vi.restoreAllMocks())

/** Runs `lbctl validate` on a repository: its exit code, and its words with paths as the user would write them. */
async function validated(edits: Edits): Promise<{ code: number; words: string }> {
  const written: string[] = []
  const note = (chunk: string | Uint8Array): boolean => written.push(String(chunk)) > 0
  vi.spyOn(process.stdout, "write").mockImplementation(note)
  vi.spyOn(process.stderr, "write").mockImplementation(note)
  const root = repository(edits)
  const code = await validate([join(root, "inventories/prod")], {})
  vi.restoreAllMocks()
  // Named from where the tests run if that is shorter.
  const words = [root, relative(process.cwd(), root)].reduce(
    (text, path) => text.replaceAll(`${path}/`, ""),
    written.join(""),
  )
  return { code, words }
}

function replaced(from: string, to: string): (usual: string) => string {
  return (text) => {
    if (!text.includes(from)) throw new Error(`the usual file has no ${from}`)
    return text.replace(from, to)
  }
}

/** What is wrong, and the words that name the place, the mistake and the cure. */
const mistakes: readonly (readonly [what: string, edits: Edits, words: string])[] = [
  [
    "an unknown key",
    { [web]: replaced("scheduler:", "shceduler:") },
    `${web}:6:5: error: unknown key "shceduler" (in services.web) [schema-unknown-key]
    did you mean "scheduler"?`,
  ],
  [
    "a wrong type",
    { [clusters]: replaced("virtual_router_id: 51", "virtual_router_id: many") },
    `${clusters}:8:26: error: expected a whole number, found text "many" (in clusters.main.vrrp.virtual_router_id) [schema-type]
    The VRID, 1 to 255; it must be unused by others on the same network.`,
  ],
  [
    "a VIP with a port twice",
    { "inventories/prod/services/shop.yml": usual[web].replace("  web:", "  shop:") },
    `${web}:5:13: error: web and shop both define tcp 192.0.2.10:80 [vip-shared]
    shop is in inventories/prod/services/shop.yml:2: give one of them another VIP or port`,
  ],
  [
    "a VRID twice on a segment",
    {
      [clusters]: (text) =>
        text + text.split("\n").slice(1).join("\n").replace("  main:", "  other:"),
    },
    `${clusters}:16:26: error: the clusters main and other use virtual_router_id 51 on one segment [vrid-shared]
    choose another, 1 to 255, for other`,
  ],
  [
    "a backend that is no host",
    { [web]: (text) => `${text}    backends: { hosts: { rs3: { weight: 2 } } }\n` },
    `${web}:8:26: error: the inventory has no host "rs3" [host-unknown]
    did you mean "rs1"?`,
  ],
  [
    "a port out of range",
    { [web]: replaced("80/tcp", "65536/tcp") },
    `${web}:5:13: error: port 65536 of web is out of range [port-range]
    ports are 1 to 65535`,
  ],
  [
    "a service by direct routing that remaps its port",
    { [web]: (text) => `${text}    backends: { port: 8080 }\n` },
    `${web}:8:23: error: web forwards by dr, which can't turn port 80 into 8080 [port-remap]
    let real servers listen on port 80, or write forwarding: nat`,
  ],
  [
    "a missing variable in a template of the user's",
    {
      [keepalived]: readFileSync(keepalived, "utf8").replace(
        "router_id {{host}}",
        "router_id {{hots}}",
      ),
    },
    `${keepalived}:3:17: error: hots: there is no "hots" (on lb1, lb2) [template-name]
    did you mean "host"?`,
  ],
  [
    "a template that ends within a block",
    { [keepalived]: "{{#each director.vrrp}}\n" },
    `${keepalived}:2:1: error: the template ends in the middle of a block or of {{ }} (on lb1, lb2) [template-syntax]`,
  ],
  [
    "YAML that does not parse",
    { [web]: replaced("[80/tcp]", "[80/tcp") },
    `${web}:6:5: error: deficient indentation [yaml-syntax]
    is a [ or { of this line or one above closed?`,
  ],
  [
    "an INI file for an inventory",
    { [hosts]: "[web]\nrs1 ansible_host=192.0.2.21\n" },
    `${hosts}:2:1: error: end of the stream or a document separator is expected [yaml-syntax]
    keys of one mapping`,
  ],
  [
    "YAML with tabs",
    { [web]: replaced("    vip", "\tvip") },
    `${web}:4:1: error: tab characters must not be used in indentation [yaml-syntax]
    indent with blanks`,
  ],
  [
    "a scalar that YAML 1.1 reads in another way",
    { [clusters]: replaced("preempt: false", "preempt: no") },
    `${clusters}:9:16: error: no is false in YAML 1.1, which Ansible reads, and text in YAML 1.2 [yaml-ambiguous]
    quote it to mean the text: "no"; or write false`,
  ],
  [
    "an empty inventory",
    { [hosts]: "all: { hosts: {} }\n" },
    `${hosts}:1:1: error: the inventory has no hosts [inventory-empty]
    name them under hosts: of a group, one a line: \`rs1: { ansible_host: 192.0.2.11 }\``,
  ],
  [
    "an inventory file that is empty",
    { [hosts]: "" },
    `${hosts}:1:1: error: the inventory has no hosts [inventory-empty]`,
  ],
  [
    "a services file that is empty",
    { [web]: "" },
    `${web}:1:1: error: the value is missing [schema-type]`,
  ],
  [
    "a binary file",
    { [clusters]: Uint8Array.of(0x1f, 0x8b, 0x08, 0xff, 0x00) },
    `error: ${clusters} is not UTF-8 text [file-encoding]
    save it as UTF-8`,
  ],
  [
    "a host name that would leave its folder",
    { [hosts]: replaced("rs1:", '"../../rs1":') },
    `${hosts}:5:21: error: "../../rs1" cannot be the name of a host [inventory-name]`,
  ],
  [
    "a group that contains itself",
    { [hosts]: replaced("    lb: {", "    web2: { children: { web2: } }\n    lb: {") },
    `${hosts}:4:25: error: `,
  ],
  [
    "nesting without end",
    { [web]: `services: ${"[".repeat(50_000)}` },
    `${web}:1:110: error: nesting exceeded maxDepth (100) [yaml-syntax]`,
  ],
  [
    "aliases that multiply",
    {
      [web]: ["a: &a0 [x, x, x, x, x, x, x, x]"]
        .concat(
          Array.from(
            { length: 12 },
            (_, i) => `a${i}: &a${i + 1} [${Array(8).fill(`*a${i}`).join(", ")}]`,
          ),
        )
        .join("\n"),
    },
    "error: this holds over 5000000 values [yaml-size]",
  ],
]

describe("lbctl validate", () => {
  it("takes the usual repository", async () => {
    expect(await validated({})).toEqual({
      code: 0,
      words: "valid: 1 cluster, 1 service, 4 hosts to manage\n",
    })
  })

  it.each([
    ["a byte order mark", (text: string) => `\uFEFF${text}`],
    ["lines that end as on Windows", (text: string) => text.replaceAll("\n", "\r\n")],
  ])("takes files with %s", async (_what, edit) => {
    const found = await validated({ [hosts]: edit, [clusters]: edit, [web]: edit })
    expect(found.words).toContain("valid: ")
  })

  it.each(mistakes)("refuses %s, by place and with the cure", async (_what, edits, words) => {
    const found = await validated(edits)
    expect(found.words).toContain(words)
    expect(found.words).toMatch(/\n\d+ errors?; nothing was changed anywhere\n$/)
    expect(found.words).not.toMatch(/^\s+at .*:\d+:\d+/m)
    expect(found.code).toBe(3)
  })

  it("tells all mistakes of all files at once", async () => {
    const { code, words } = await validated({
      [hosts]: replaced("ansible_host: 192.0.2.21", "ansible_host: 192.0.2.21, ansible_port: ssh"),
      [clusters]: replaced("virtual_router_id: 51", "virtual_router_id: 256"),
      [web]: (text) => `${text.replace("80/tcp", "65536/tcp")}    backends: { hosts: { rs7: } }\n`,
      "inventories/prod/services/shop.yml":
        "services: { shop: { cluster: mian, vip: 192.0.2.9, ports: [443] } }",
      [keepalived]: "{{hots}}",
    })
    const places = words.split("\n").filter((line) => / error: /.test(line))
    expect(places.map((line) => line.replace(/ error: .*/, ""))).toEqual([
      `${clusters}:8:26:`,
      `${hosts}:5:68:`,
      "inventories/prod/services/shop.yml:1:30:",
      `${web}:5:13:`,
      `${web}:8:26:`,
    ])
    expect(words).toContain("\n5 errors; nothing was changed anywhere\n")
    expect(code).toBe(3)
  })
})
