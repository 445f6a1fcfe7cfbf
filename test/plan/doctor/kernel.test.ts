import { describe, expect, it } from "vitest"
import type { AgentStatus } from "../../../src/model/agent-status.ts"
import { kernelChecks, modulesToAsk } from "../../../src/plan/doctor/kernel.ts"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { directorState } from "../fixtures.ts"
import { director, foundBy, messages, realServer, servicesBy, switches, ward } from "./ward.ts"

const facts = { kernel: "5.4.0", ipvs: "loadable" }
const counting = (active: number, inactive: number): AgentStatus => ({
  version: "1",
  running: true,
  table: [],
  counters: [{ service: "s", server: "a", active, inactive, connections: 20_000 }],
  owned: [],
  health: [],
  overrides: [],
  draining: [],
  vrrp: [],
  warnings: [],
})
const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(kernelChecks, id, ward(...hosts))

describe("the doctor on kernels", () => {
  it("finds nothing on healthy hosts", () => {
    const healthy = [director("lb1"), director("lb2"), realServer()]
    expect(kernelChecks.flatMap(({ find }) => find(ward(...healthy)))).toEqual([])
  })

  it("K01 and K03 tell a module that is not loaded from one that there is not", () => {
    const unloaded = director("lb1", { observed: { facts } })
    const missing = director("lb2", { observed: { facts: { ...facts, ipvs: "missing" } } })
    expect(found("K01", unloaded, missing)).toEqual(["lb1: the kernel has not loaded ip_vs"])
    expect(found("K03", unloaded, missing)).toEqual(["lb2: the kernel 5.4.0 has no ip_vs"])
  })

  it("K02 wants ip_vs at the next boot, unless it is built in", () => {
    const forgetful = { bootModules: new Set<string>() }
    expect(found("K02", director("lb1", { examined: forgetful }))).toEqual([
      "lb1: the next boot does not load ip_vs",
    ])
    const builtin = { ...forgetful, modules: new Map([["ip_vs", "builtin" as const]]) }
    expect(found("K02", director("lb1", { examined: builtin }))).toEqual([])
  })

  it("K04 names the scheduler that the kernel lacks", () => {
    const modules = new Map([["ip_vs_wrr", "missing" as const]])
    expect(found("K04", director("lb1", { examined: { modules } }))).toEqual([
      "lb1: the kernel has no module ip_vs_wrr",
    ])
  })

  it("K05 warns of conntrack with reused ports before Linux 5.9", () => {
    const on = switches({ "net/ipv4/vs/conntrack": "1", "net/ipv4/vs/conn_reuse_mode": "1" })
    const examined = { switches: on }
    expect(found("K05", director("lb1", { examined, observed: { facts } }))).toEqual([
      "lb1: conntrack is 1 on Linux 5.4.0",
    ])
    expect(found("K05", director("lb1", { examined }))).toEqual([])
  })

  it("K06 counts the connections of each row, and names a larger table", () => {
    const busy = (connectionRows: number) => ({
      observed: { agent: counting(9000, 9000) },
      examined: { connectionRows },
    })
    expect(foundBy(kernelChecks, "K06", ward(director("lb1", busy(4096))))).toEqual([
      {
        host: "lb1",
        message: "18000 connections are in a table of 4096 rows",
        cure: "echo options ip_vs conn_tab_bits=15 >/etc/modprobe.d/ip_vs.conf on lb1: it counts when ip_vs is loaded the next time, as at a boot",
      },
    ])
    expect(found("K06", director("lb1", busy(8192)))).toEqual([])
  })

  it("K07 sends to a container's host for modules, and K01, K02, K03 and K08 are silent there", () => {
    const container = "lxc"
    const unloaded = director("lb1", {
      observed: { facts: { ...facts, ipvs: "missing" } },
      examined: { container, bootModules: new Set() },
    })
    const view = { realserver: { vips: [], tunnels: ["ipip"] } } as const
    const modules = new Map([["ipip", "missing" as const]])
    const server = realServer({ view, examined: { container, modules } })
    expect(found("K07", unloaded, server)).toEqual([
      "lb1: is a container (lxc), and its host has not loaded ip_vs",
      "rs1: is a container (lxc), and its host has not loaded ipip",
    ])
    for (const id of ["K01", "K02", "K03", "K08"]) expect(found(id, unloaded, server)).toEqual([])
    expect(found("K07", director("lb1", { examined: { container } }))).toEqual([])
  })

  it("K08 wants the modules of a real server's tunnels", () => {
    const view = { realserver: { vips: [], tunnels: ["ipip", "gue"] } } as const
    const modules = new Map([
      ["ipip", "loadable" as const],
      ["fou", "loaded" as const],
    ])
    expect(found("K08", realServer({ view, examined: { modules } }))).toEqual([
      "rs1: the module ipip is not loaded",
    ])
  })

  it("K10 wants nf_conntrack where nat is tracked", () => {
    const services = servicesBy("nat")
    const examined = {
      switches: switches({ "net/ipv4/vs/conntrack": "1" }),
      modules: new Map([["nf_conntrack", "loadable" as const]]),
    }
    expect(found("K10", director("lb1", { examined }, { services }))).toEqual([
      "lb1: conntrack is 1 and the module nf_conntrack is not loaded",
    ])
    expect(found("K10", director("lb1", { examined }))).toEqual([])
  })

  it("asks of directors the schedulers they use, of real servers their tunnels", () => {
    expect(modulesToAsk({ state: directorState(), tunnels: [] })).toEqual([
      "ip_vs",
      "nf_conntrack",
      "ip_vs_wrr",
    ])
    expect(modulesToAsk({ tunnels: ["ip6tnl", "gre"] })).toEqual(["ip6_tunnel", "ip_gre"])
  })
})
