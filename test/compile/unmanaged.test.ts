import { describe, expect, it } from "vitest"
import { realServerViews } from "../../src/compile/realserver-view.ts"
import { hostViews } from "../../src/compile/views.ts"
import { isUnmanaged, unmanagedServers } from "../../src/model/unmanaged.ts"
import {
  brief,
  fleetOf,
  tokyoHosts,
  webService,
  type HostSource,
  type Sources,
} from "./fixtures.ts"

const windows = {
  ansible_connection: "winrm",
  ansible_shell_type: "powershell",
  ansible_port: 5986,
}

/** The usual fleet, in which rs3 has these variables. */
const withRs3 = (vars: Readonly<Record<string, unknown>>, more: Sources = {}) => {
  const rs3: HostSource = { groups: ["web"], ...tokyoHosts["rs3"], ...vars }
  return fleetOf({ hosts: { ...tokyoHosts, rs3 }, ...more })
}

const unmanagedNames = (vars: Readonly<Record<string, unknown>>) =>
  withRs3(vars)
    .fleet.hosts.filter(isUnmanaged)
    .map(({ name, unmanaged }) => `${name} ${unmanaged.file}:${unmanaged.line}`)

describe("lbctl_managed", () => {
  it.each([false, "false", "False", "no", "off", 0])("%j leaves a host to others", (value) => {
    expect(unmanagedNames({ lbctl_managed: value })).toEqual(["rs3 hosts.yml:5"])
  })

  it.each([undefined, null, true, "yes", 1])("%j does not", (value) => {
    expect(unmanagedNames(value === undefined ? {} : { lbctl_managed: value })).toEqual([])
  })

  it.each([
    ["maybe", "connection-value"],
    [2, "connection-value"],
    [[false], "connection-value"],
    ["{{ false }}", "inventory-template"],
  ])("%j is a problem in its place, and leaves the host managed", (value, rule) => {
    const { fleet, problems } = withRs3({ lbctl_managed: value })
    expect(new Set(brief(problems))).toEqual(new Set([`${rule} hosts.yml:5`]))
    expect(fleet.hosts.filter(isUnmanaged)).toEqual([])
  })

  it("that is no word is told what belongs there", () => {
    const { problems } = withRs3({ lbctl_managed: [false] })
    expect(problems.map(({ message }) => message)).toContain(
      "lbctl_managed is [false], where true or false belongs",
    )
  })

  it("of a host without a part is nobody's problem", () => {
    const stray: HostSource = { groups: [], ansible_host: "192.0.2.99", lbctl_managed: "maybe" }
    expect(fleetOf({ hosts: { ...tokyoHosts, stray } }).problems).toEqual([])
  })
})

describe("a real server that lbctl does not manage", () => {
  const { fleet, problems } = withRs3({ ...windows, lbctl_managed: false })

  it("may be reached by whatever its operators like", () => {
    expect(problems).toEqual([])
    expect(
      withRs3(windows).problems.map(({ message, hint }) => `${message}; ${hint ?? ""}`),
    ).toEqual([
      "ansible_connection is winrm: lbctl connects by ssh only; write ssh; for a real server that lbctl is not to log in to: lbctl_managed: false",
      "ansible_shell_type is powershell: lbctl needs a POSIX sh where it logs in; for a real server that lbctl is not to log in to: lbctl_managed: false",
    ])
  })

  it("needs a data address as any other", () => {
    const named = withRs3({ lbctl_managed: false, ansible_host: "win.example", lbctl_address: "x" })
    expect(brief(named.problems)).toEqual(["host-address hosts.yml:5"])
  })

  it("is balanced to, and nothing is to be set up on it, for the sake of no role", () => {
    const views = hostViews(fleet, undefined, new Set(["rs3"]))
    expect(views.map(({ host }) => host)).toEqual(["lb1", "lb2", "rs1", "rs2"])
    const [lb1] = views
    const servers = lb1?.director?.services.flatMap((service) => service.servers)
    expect(servers?.map(({ host }) => host)).toEqual(["rs1", "rs2", "rs3"])
  })

  it("has VIPs to hold all the same", () => {
    const holding = realServerViews(fleet, () => 0).get("rs3")
    expect(holding?.vips.map(({ address }) => address)).toEqual(["192.0.2.10"])
  })

  it("is known by its services, as a sorry server too", () => {
    expect(unmanagedServers(fleet).map(({ name }) => name)).toEqual(["rs3"])
    const spare = withRs3(
      { groups: [], lbctl_managed: false },
      { services: `${webService}    sorry_server: 192.0.2.23:80\n` },
    )
    expect(unmanagedServers(spare.fleet).map(({ name }) => name)).toEqual(["rs3"])
    expect(hostViews(spare.fleet).map(({ host }) => host)).not.toContain("rs3")
    const idle = withRs3({ groups: [], lbctl_managed: false })
    expect(unmanagedServers(idle.fleet)).toEqual([])
  })
})
