import { describe, expect, it } from "vitest"
import { planHost, type HostInput } from "../../src/plan/host.ts"
import {
  chosenStrays,
  leftoversOf,
  owning,
  straysOf,
  strayText,
  type KnownAddresses,
} from "../../src/plan/strays.ts"
import { bundle, observed, view } from "./fixtures.ts"

const vip = "10.77.0.100"
const known: KnownAddresses = {
  vips: new Set([vip, "10.77.0.101", "fd77::100"]),
  hosts: new Set(["10.77.0.21", "10.99.0.1"]),
}
const on = (device: string, cidr: string) => {
  const [address = "", prefix] = cidr.split("/")
  return { address, prefix: Number(prefix), device }
}

/** A real server that holds its one VIP, and these besides. */
function holding(...cidrs: readonly (readonly [device: string, cidr: string])[]): HostInput {
  const held = [on("eth0", "10.77.0.21/24"), on("lo", `${vip}/32`)]
  const addresses = [on("lo", `${vip}/32`)]
  return {
    view: view({ host: "rs1", addresses: ["10.77.0.21"] }),
    bundle: bundle({ host: "rs1", addresses }),
    observed: observed({
      host: "rs1",
      addresses: [...held, ...cidrs.map(([device, cidr]) => on(device, cidr))],
      owned: { files: [], sysctls: [], units: [], linksUp: [], addresses },
    }),
    directors: [],
    now: "2026-01-01T00:00:00.000Z",
  }
}

const found = (input: HostInput): string[] =>
  straysOf(input, known).map(
    ({ kind, address, prefix, device }) => `${kind} ${address}/${prefix} ${device}`,
  )

describe("what others left on a real server", () => {
  it("is a VIP of the fleet that is not its own, or with another prefix, on the loopback or a tunnel's device", () => {
    const input = holding(["lo", "10.77.0.101/32"], ["tunl0", `${vip}/32`], ["lo", `${vip}/24`])
    expect(found(input)).toEqual([
      "vip 10.77.0.101/32 lo",
      `vip ${vip}/32 tunl0`,
      `vip ${vip}/24 lo`,
    ])
  })

  it("is foreign where the fleet has no such VIP", () => {
    expect(found(holding(["dummy0", "198.51.100.9/32"], ["lo", "2001:db8::9/128"]))).toEqual([
      "foreign 198.51.100.9/32 dummy0",
      "foreign 2001:db8::9/128 lo",
    ])
  })

  it("is never what a loopback has, of link scope, what hosts are reached by, or on an interface to a network", () => {
    expect(
      found(
        holding(
          ["lo", "127.0.0.1/8"],
          ["lo", "127.0.0.53/32"],
          ["lo", "::1/128"],
          ["lo", "169.254.1.1/32"],
          ["lo", "fe80::1/64"],
          ["lo", "10.99.0.1/32"],
          ["lo", "10.77.0.21/32"],
          ["eth0", "10.77.0.101/32"],
          ["docker0", "172.17.0.1/16"],
        ),
      ),
    ).toEqual([])
  })

  it("is not what lbctl put there: that goes by an apply, after the directors let go", () => {
    const input = holding(["lo", "10.77.0.101/32"])
    const { owned } = input.observed
    const addresses = [...owned.addresses, on("lo", "10.77.0.101/32")]
    expect(
      found({ ...input, observed: { ...input.observed, owned: { ...owned, addresses } } }),
    ).toEqual([])
  })
})

describe("what prune takes away", () => {
  const input = holding(
    ["lo", "10.77.0.101/32"],
    ["lo", "198.51.100.9/32"],
    ["lo", "2001:db8::9/128"],
  )
  const strays = straysOf(input, known)

  it("is VIPs of the fleet, and foreign addresses only by name, in any spelling", () => {
    expect(chosenStrays(strays, []).map(({ address }) => address)).toEqual(["10.77.0.101"])
    expect(chosenStrays(strays, ["2001:DB8:0::9"]).map(({ address }) => address)).toEqual([
      "10.77.0.101",
      "2001:db8::9",
    ])
  })

  it("is one journalled operation each, and nothing else of the host", () => {
    const plans = planHost(owning(input, chosenStrays(strays, ["198.51.100.9"])))
    expect(plans.flatMap(({ operations }) => operations)).toEqual([
      { op: "address-remove", cidr: "10.77.0.101/32", device: "lo" },
      { op: "address-remove", cidr: "198.51.100.9/32", device: "lo" },
    ])
    expect(planHost(owning(input, []))).toEqual([])
  })
})

describe("what would bring them back", () => {
  const sysctls = [{ key: "net.ipv4.conf.all.arp_ignore", value: "1" }]
  const input = holding()
  const own = { ...input, bundle: { ...input.bundle, sysctls } }
  const nothing = { units: new Map(), naming: [], kept: [] }

  it("is units by the names that guides give them, where they are enabled or running", () => {
    const units = new Map([
      ["lvs-realserver.service", { enabled: true, running: false }],
      ["lvs_real.service", { enabled: false, running: false }],
      ["ssh.service", { enabled: true, running: true }],
    ])
    expect(leftoversOf(own, { ...nothing, units }).map(({ cure }) => cure)).toEqual([
      "systemctl disable lvs-realserver.service, and remove it",
    ])
  })

  it("is files that name an address, but lbctl's own", () => {
    const naming = [
      { address: "198.51.100.9", file: "/etc/rc.local" },
      { address: vip, file: "/usr/local/sbin/lvs-real" },
    ]
    const { owned } = own.observed
    const files = ["/usr/local/sbin/lvs-real"]
    const observed = { ...own.observed, owned: { ...owned, files } }
    expect(leftoversOf({ ...own, observed }, { ...nothing, naming })).toEqual([
      {
        host: "rs1",
        message: "/etc/rc.local names 198.51.100.9, and may bring it back",
        cure: "grep -nF 198.51.100.9 /etc/rc.local",
      },
    ])
  })

  it("is lines of sysctl.d against the ARP switches that lbctl sets, however they are spelled", () => {
    const file = "/etc/sysctl.d/99-lvs.conf"
    const kept = [
      { file, key: "net.ipv4.conf.all.arp_ignore", value: "0" },
      { file, key: "net/ipv4/conf/all/arp_ignore", value: "1" },
      { file, key: "net.ipv4.conf.lo.arp_ignore", value: "0" },
      { file, key: "net.ipv4.ip_forward", value: "0" },
    ]
    expect(leftoversOf(own, { ...nothing, kept })).toEqual([
      {
        host: "rs1",
        message: `${file} sets net.ipv4.conf.all.arp_ignore to 0, and lbctl wants 1`,
        cure: `sed -i '/^ *-*net[./]ipv4[./]conf[./]all[./]arp_ignore *=/d' ${file}`,
      },
    ])
  })

  it("is told with a command for each, and so is what was left alone", () => {
    const strays = straysOf(holding(["lo", "198.51.100.9/32"]), known)
    const leftovers = [
      { host: "rs1", message: "the unit x is enabled", cure: "systemctl disable x" },
    ]
    expect(strayText(strays, leftovers)).toEqual([
      "rs1: 198.51.100.9/32 on lo is no VIP of this fleet: left alone",
      "    if nobody needs it: lbctl realserver prune --limit rs1 --foreign 198.51.100.9",
      "rs1: the unit x is enabled",
      "    on rs1: systemctl disable x",
    ])
  })
})
