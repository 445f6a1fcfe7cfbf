import { describe, expect, it } from "vitest"
import { contact } from "../../src/cli/contact.ts"
import type { Definition } from "../../src/cli/pipeline.ts"
import { managedHosts } from "../../src/cli/chosen.ts"
import { missingServers } from "../../src/cli/past-definition.ts"
import { nobodyToManage } from "../../src/cli/unmanaged.ts"
import type { Host } from "../../src/model/fleet.ts"
import type { Release } from "../../src/model/release.ts"
import type { NodePool } from "../../src/push/node-pool.ts"
import { bundle, observed, view } from "../plan/fixtures.ts"
import { director, server, service } from "../plan/samples.ts"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

const at = (line: number) => ({ file: "hosts.yml", line, column: 7 })

const host = (name: string, unmanagedLine?: number): Host =>
  ({
    name,
    addresses: [],
    ...(unmanagedLine === undefined ? {} : { unmanaged: at(unmanagedLine) }),
  }) as unknown as Host

const hosts = [host("lb1"), host("rs1"), host("rs2", 12), host("rs3", 20), host("rs4", 20)]

const told = (...names: string[]) =>
  nobodyToManage({ hosts }, new Set(names)).map(({ message }) => message)

describe("a --limit of hosts that lbctl does not manage", () => {
  it("is a problem that names the line", () => {
    expect(told("rs2")).toEqual([
      "rs2 is not lbctl's to set up (lbctl_managed: false, hosts.yml:12)",
    ])
    expect(told("rs2", "rs3", "rs4")).toEqual([
      "rs2 is not lbctl's to set up (lbctl_managed: false, hosts.yml:12)",
      "rs3, rs4 are not lbctl's to set up (lbctl_managed: false, hosts.yml:20)",
    ])
  })

  it("is none beside a host that lbctl manages", () => {
    expect(told("rs1", "rs2")).toEqual([])
  })
})

/** rs1 is set up by lbctl, rs2 by others; lb1 balances to both. */
const state = director(service({ servers: [server(1), server(2)] }))
const bundles = new Map(["lb1", "rs1"].map((name) => [name, bundle({ host: name })]))
const lb1 = view({ host: "lb1", director: state })
const definition = {
  fleet: { hosts, clusters: [], services: [{ backends: [{ host: "rs1" }, { host: "rs2" }] }] },
  views: [lb1, view({ host: "rs1" })],
  bundles,
} as unknown as Definition

describe("hosts that lbctl does not manage", () => {
  it("are not looked at, though the directors name them, and are told of", async () => {
    const asked: string[] = []
    const agent = { desired: state } as unknown as NonNullable<ReturnType<typeof observed>["agent"]>
    const pool = {
      node: (name: string) => ({
        host: name,
        observe: () => {
          asked.push(name)
          return Promise.resolve(observed({ host: name, ...(name === "lb1" ? { agent } : {}) }))
        },
      }),
    } as unknown as NodePool
    const chosen = new Set(hosts.map(({ name }) => name))
    const found = await contact(definition, chosen, pool, () => undefined)
    expect(asked.sort()).toEqual(["lb1", "rs1"])
    expect(found.unmanaged).toEqual(["rs2"])
    expect([found.unreachable, found.warnings]).toEqual([[], []])
    const some = await contact(definition, new Set(["lb1"]), pool, () => undefined)
    expect(some.unmanaged).toEqual([])
  })

  it("are not asked for releases, whatever the --limit names", () => {
    const chosen = new Set(["rs1", "rs2"])
    expect([...managedHosts(definition, chosen, "rs*")]).toEqual(["rs1"])
    expect([...managedHosts(definition, chosen, undefined)]).toEqual(["rs1"])
  })

  it("are not missed where a rollback comes to balance to them again", () => {
    const release = {} as unknown as Release
    expect(missingServers(definition, new Map([["lb1", release]]))).toEqual([])
  })
})

const windows = {
  "inventories/prod/hosts.yml": (usual: string) =>
    usual.replace(
      "rs2: { ansible_host: 192.0.2.22 }",
      "rs2: { ansible_host: 192.0.2.22, ansible_connection: winrm, lbctl_managed: false }",
    ),
}

describe("lbctl in a fleet with a Windows real server", () => {
  it.each([
    "plan",
    "apply",
    "drift",
    "doctor",
    "history",
    "rollback",
    "render",
    "realserver setup",
    "realserver status",
    "realserver prune",
    "realserver teardown",
    "agent install",
    "lock status",
  ])("%s has nothing to do with it alone, and says why", async (command) => {
    const cwd = repository(windows)
    const words = [...command.split(" "), "inventories/prod", "--limit", "rs2"]
    const { code, stdout, stderr } = await lbctl(words, { cwd })
    expect([code, stdout]).toEqual([3, ""])
    expect(stderr).toContain(
      "rs2 is not lbctl's to set up (lbctl_managed: false, inventories/prod/hosts.yml:5) [limit]",
    )
  })

  it("validate and explain tell of it, graph shows it, render leaves it out", async () => {
    const cwd = repository(windows)
    const run = async (...words: string[]) => (await lbctl(words, { cwd })).stdout
    expect(await run("validate")).toBe(
      "valid: 1 cluster, 1 service, 3 hosts to manage, 1 that lbctl does not manage\n",
    )
    expect(await run("explain", "rs2")).toContain(
      "is set up by others\n  lbctl_managed: false: lbctl never logs in to it\n      inventories/prod/hosts.yml:5:",
    )
    expect(await run("graph")).toContain("rs1<br>rs2")
    expect(await run("render")).not.toContain("rs2:")
  })
})
