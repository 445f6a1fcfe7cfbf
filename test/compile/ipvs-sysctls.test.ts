import { describe, expect, it } from "vitest"
import { ipvsSysctls } from "../../src/compile/ipvs-sysctls.ts"
import type { Cluster } from "../../src/model/fleet.ts"
import { fleetOf, tokyoClusters } from "./fixtures.ts"
import { director, server, service } from "../plan/samples.ts"

const sync = [{ instance: "tokyo", interface: "eth1", id: 51 }]
const udp = service({ key: { kind: "address", protocol: "udp", address: "192.0.2.10", port: 53 } })

function valuesOf(state: Parameters<typeof ipvsSysctls>[0], written = ""): Record<string, string> {
  const clusters: readonly Cluster[] = fleetOf({ clusters: `${tokyoClusters}${written}` }).fleet
    .clusters
  return Object.fromEntries(ipvsSysctls(state, clusters).map(({ name, value }) => [name, value]))
}

describe("ipvsSysctls", () => {
  it("lets drains end and clients of lost servers know, and keeps netfilter off half connections", () => {
    expect(valuesOf(director(service()))).toEqual({
      conntrack: "0",
      expire_nodest_conn: "1",
      expire_quiescent_template: "1",
    })
  })

  it("leaves conntrack to netfilter's users where all is nat", () => {
    const nat = service({ servers: [server(1, { forwarding: "nat" })] })
    expect(valuesOf(director(nat))).not.toHaveProperty("conntrack")
  })

  it("repeats synchronisation messages that nobody heard", () => {
    expect(valuesOf({ ...director(service()), connectionSync: sync })).toMatchObject({
      sync_threshold: "0 0",
      sync_refresh_period: "10",
      sync_retries: "2",
    })
  })

  it("spares the backups UDP flows of one datagram", () => {
    const values = valuesOf({ ...director(service(), udp), connectionSync: sync })
    expect(values["sync_threshold"]).toBe("0 2")
  })

  it("writes what a cluster says in the kernel's way, before its own defaults", () => {
    const values = valuesOf(
      { ...director(service()), connectionSync: sync },
      "    ipvs_sysctls: { conntrack: 1, sync_threshold: [3, 50], sync_refresh_period: 2m }",
    )
    expect(values).toMatchObject({
      conntrack: "1",
      sync_threshold: "3 50",
      sync_refresh_period: "120",
      sync_retries: "2",
    })
  })

  it("leaves synchronisation to the kernel's own thresholds without a refresh period", () => {
    const state = { ...director(service()), connectionSync: sync }
    const values = valuesOf(state, "    ipvs_sysctls: { sync_refresh_period: 0s }")
    expect(values["sync_refresh_period"]).toBe("0")
    expect(values).not.toHaveProperty("sync_threshold")
  })
})
