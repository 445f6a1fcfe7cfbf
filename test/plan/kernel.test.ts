import { describe, expect, it } from "vitest"
import {
  missingModules,
  planLinks,
  planModules,
  planSysctlRestores,
  planSysctls,
} from "../../src/plan/kernel.ts"
import { bundle, observed } from "./fixtures.ts"

describe("planSysctls()", () => {
  it("finds a value changed by hand, and blanks do not matter", () => {
    const wanted = bundle({
      sysctls: [
        { key: "net.ipv4.conf.all.arp_ignore", value: "1" },
        { key: "net.ipv4.vs.sync_threshold", value: "3 50" },
      ],
    })
    const now = observed({
      sysctls: { "net.ipv4.conf.all.arp_ignore": "0", "net.ipv4.vs.sync_threshold": "3\t50" },
    })
    expect(planSysctls(wanted, now).map((planned) => planned.operation)).toEqual([
      { op: "sysctl", key: "net.ipv4.conf.all.arp_ignore", value: "1", prior: "0" },
    ])
  })

  it("sets a key that appears only with its module", () => {
    const wanted = bundle({ sysctls: [{ key: "net.ipv4.vs.conntrack", value: "0" }] })
    expect(planSysctls(wanted, observed()).map((planned) => planned.operation)).toEqual([
      { op: "sysctl", key: "net.ipv4.vs.conntrack", value: "0", prior: "-" },
    ])
  })
})

describe("planSysctlRestores()", () => {
  it("puts back only what lbctl set and nobody wants any more", () => {
    const now = observed({
      sysctls: { a: "1", b: "1" },
      owned: { files: [], sysctls: ["a", "b"], addresses: [], units: [], linksUp: [] },
    })
    const restored = planSysctlRestores(bundle({ sysctls: [{ key: "b", value: "1" }] }), now)
    expect(restored.map((planned) => planned.operation)).toEqual([
      { op: "sysctl-restore", key: "a", prior: "1" },
    ])
  })
})

describe("planModules() and missingModules()", () => {
  it("loads what can be loaded and says what the kernel lacks", () => {
    const wanted = bundle({ modules: ["ip_vs", "ipip"] })
    const now = observed({ modules: { ip_vs: "missing", ipip: "loadable" } })
    expect(planModules(wanted, now).map((planned) => planned.change.subject)).toEqual(["ipip"])
    expect(missingModules(wanted, now).map((notice) => notice.message)).toEqual([
      "the kernel 6.1.176 has no module ip_vs",
    ])
  })
})

describe("planLinks()", () => {
  it("brings up what is down and leaves alone what is up", () => {
    expect(
      planLinks(bundle({ linksUp: ["eth0", "tunl0"] }), observed()).map(
        (planned) => planned.change.subject,
      ),
    ).toEqual(["tunl0"])
  })
})
