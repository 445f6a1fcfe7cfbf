import { describe, expect, it } from "vitest"
import { blockedHost, planHost, type HostInput } from "../../src/plan/host.ts"
import { bundle, directorState, observed, view } from "./fixtures.ts"

const vip = { address: "10.77.0.100", prefix: 32, device: "lo" }
const gone = { address: "10.77.0.101", prefix: 32, device: "lo" }
const unitFile = {
  path: "/etc/systemd/system/lbctl-realserver.service",
  mode: "0644",
  owner: "root:root",
  content: "[Unit]\n",
  notify: [],
}

function input(parts: Partial<HostInput> = {}): HostInput {
  return {
    view: view(),
    bundle: bundle(),
    observed: observed(),
    directors: ["lb1"],
    now: "2026-01-01T00:00:00.000Z",
    ...parts,
  }
}

describe("planHost()", () => {
  it("plans nothing for a host that holds what it shall", () => {
    expect(
      planHost(
        input({ bundle: bundle({ addresses: [vip] }), observed: observed({ addresses: [vip] }) }),
      ),
    ).toEqual([])
  })

  it("sets sysctls before the address they protect, and reloads systemd before it touches a unit", () => {
    const [plan] = planHost(
      input({
        bundle: bundle({
          sysctls: [{ key: "net.ipv4.conf.all.arp_ignore", value: "1" }],
          addresses: [vip],
          files: [unitFile],
          units: [{ name: "lbctl-realserver.service", enabled: true, running: false }],
        }),
        observed: observed({ sysctls: { "net.ipv4.conf.all.arp_ignore": "0" } }),
      }),
    )
    expect(plan?.operations.map((operation) => operation.op)).toEqual([
      "sysctl",
      "file",
      "run",
      "address-add",
      "unit-enable",
    ])
    expect(plan?.gainedVips).toEqual(["10.77.0.100"])
  })

  it("gives a real server's new VIP before the directors change, and takes the old one after", () => {
    const owned = { files: [], sysctls: [], addresses: [gone], units: [], linksUp: [] }
    const plans = planHost(
      input({
        bundle: bundle({ addresses: [vip] }),
        observed: observed({ addresses: [gone], owned }),
      }),
    )
    expect(
      plans.map((plan) => [plan.phase, plan.operations.map((operation) => operation.op)]),
    ).toEqual([
      ["gain", ["address-add"]],
      ["lose", ["address-remove"]],
    ])
    expect(plans[0]?.retains).toEqual(owned)
  })

  it("takes a VIP out of the boot's files together with the VIP, so that no step between has only one of them", () => {
    const owned = { files: [], sysctls: [], addresses: [gone], units: [], linksUp: [] }
    const script = { ...unitFile, path: "/usr/local/sbin/lvs-real" }
    const plans = planHost(
      input({
        bundle: bundle({ files: [script] }),
        observed: observed({ addresses: [gone], owned }),
      }),
    )
    expect(
      plans.map((plan) => [plan.phase, plan.operations.map((operation) => operation.op)]),
    ).toEqual([["lose", ["file", "address-remove"]]])
  })

  it("takes addresses away before the sysctls that kept them silent", () => {
    const owned = {
      files: [],
      sysctls: ["net.ipv4.conf.all.arp_ignore"],
      addresses: [gone],
      units: [],
      linksUp: [],
    }
    const [plan] = planHost(
      input({
        observed: observed({
          addresses: [gone],
          owned,
          sysctls: { "net.ipv4.conf.all.arp_ignore": "1" },
        }),
      }),
    )
    expect(plan?.operations.map((operation) => operation.op)).toEqual([
      "address-remove",
      "sysctl-restore",
    ])
  })

  it("is a master's plan where the anchor is held, a backup's elsewhere", () => {
    const director = view({ host: "lb1", director: directorState() })
    const wanted = bundle({ host: "lb1", agent: "abc" })
    const held = observed({
      host: "lb1",
      addresses: [{ address: "169.254.255.51", prefix: 32, device: "eth0" }],
    })
    expect(
      planHost(input({ view: director, bundle: wanted, observed: held })).map((plan) => plan.phase),
    ).toEqual(["master"])
    expect(
      planHost(input({ view: director, bundle: wanted, observed: observed({ host: "lb1" }) })).map(
        (plan) => plan.phase,
      ),
    ).toEqual(["backup"])
  })

  it("brings agent and runtime where they are missing", () => {
    const director = view({ host: "lb1", director: directorState() })
    const [plan] = planHost(
      input({
        view: director,
        bundle: bundle({ host: "lb1", agent: "abc" }),
        observed: observed({ host: "lb1" }),
      }),
    )
    expect(plan?.install).toEqual({ agent: "abc", runtime: true })
    expect(plan?.changes[0]?.meaning).toBe("install, with a Node runtime (the host has none)")
  })
})

describe("blockedHost()", () => {
  it("names what the host lacks, with the cure", () => {
    const lacking = input({
      view: view({ host: "lb1", director: directorState() }),
      bundle: bundle({
        modules: ["ip_vs"],
        requires: [{ command: "keepalived", hint: "apt-get install keepalived" }],
      }),
      observed: observed({
        host: "lb1",
        links: [{ name: "ens3", mac: "02:00:00:00:00:11", up: true, mtu: 1500 }],
      }),
    })
    expect(blockedHost(lacking).map((notice) => [notice.message, notice.hint])).toEqual([
      ["the kernel 6.1.176 has no module ip_vs", expect.stringContaining("CONFIG_IP_VS")],
      ["the command keepalived is missing", "apt-get install keepalived"],
      [
        "there is no interface eth0 for cluster demo",
        expect.stringContaining("this host has ens3"),
      ],
    ])
  })
})
