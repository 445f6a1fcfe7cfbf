import { describe, expect, it } from "vitest"
import type { Bundle } from "../../src/model/bundle.ts"
import type { Owned } from "../../src/model/observed.ts"
import { manifestText, nothingOwned, parseOwned } from "../../src/wire/manifest.ts"

const bundle: Bundle = {
  host: "rs1",
  id: "a".repeat(64),
  roles: ["realserver"],
  modules: ["ipip"],
  sysctls: [{ key: "net.ipv4.ip_local_port_range", value: "1024 60999" }],
  linksUp: ["tunl0"],
  addresses: [{ address: "2001:db8::10", prefix: 128, device: "lo" }],
  files: [{ path: "/etc/motd", mode: "0644", owner: "root:root", content: "x\n", notify: [] }],
  units: [{ name: "web.service", enabled: true, running: true }],
  handlers: [{ name: "it's", run: ["sh", "-c", "a\nb"] }],
  requires: [],
  agent: "abc",
}

function owned(text: string) {
  const lines = text.split("\n").flatMap((line) => (line.startsWith("own ") ? [line.slice(4)] : []))
  return parseOwned(lines)
}

describe("manifestText", () => {
  it("tells all a host owns, and parseOwned reads it", () => {
    expect(owned(manifestText(bundle))).toEqual({
      ok: true,
      value: {
        files: ["/etc/motd"],
        sysctls: ["net.ipv4.ip_local_port_range"],
        addresses: bundle.addresses,
        units: ["web.service"],
        linksUp: ["tunl0"],
      },
    })
  })

  it("keeps what a later phase removes, each thing once", () => {
    const retains: Owned = {
      files: ["/etc/old", "/etc/motd"],
      sysctls: ["a.b"],
      addresses: [...bundle.addresses, { address: "192.0.2.10", prefix: 32, device: "lo" }],
      units: ["old.service"],
      linksUp: ["gre0"],
    }
    expect(owned(manifestText(bundle, retains))).toEqual({
      ok: true,
      value: {
        files: ["/etc/motd", "/etc/old"],
        sysctls: ["net.ipv4.ip_local_port_range", "a.b"],
        addresses: retains.addresses,
        units: ["web.service", "old.service"],
        linksUp: ["tunl0", "gre0"],
      },
    })
  })

  it("of a bundle with nothing owns nothing", () => {
    const empty = {
      ...bundle,
      modules: [],
      sysctls: [],
      linksUp: [],
      addresses: [],
      files: [],
      units: [],
      handlers: [],
    }
    const { agent: _, ...withoutAgent } = empty
    expect(manifestText(withoutAgent)).toBe("")
    expect(owned("")).toEqual({ ok: true, value: nothingOwned })
  })
})

describe("parseOwned", () => {
  it.each(["nonsense x", "address lo", "address lo 192.0.2.1", "file", "file 'x"])(
    "names the line it does not take: %s",
    (line) => {
      expect(parseOwned([line])).toMatchObject({ ok: false, error: { rule: "wire-manifest" } })
    },
  )
})
