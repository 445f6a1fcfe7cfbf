import { describe, expect, it } from "vitest"
import {
  addressToAskFrom,
  interfaceTowards,
  type OwnAddress,
} from "../../../src/agent/decide/own-address.ts"

const own = (device: string, cidr: string): OwnAddress => {
  const [address = "", prefix] = cidr.split("/")
  const family = address.includes(":") ? 6 : 4
  return { interface: device, address, family, prefixLength: Number(prefix) }
}
const held = [
  own("lo", "127.0.0.1/8"),
  own("eth0", "10.77.0.100/32"),
  own("eth0", "10.77.0.99/32"),
  own("eth0", "10.77.0.11/24"),
  own("eth1", "10.0.0.11/8"),
  own("eth0", "fe80::11/64"),
  own("eth1", "fd00::11/64"),
]
const vips = new Set(["10.77.0.100"])

describe("the interface towards a real server", () => {
  it("is the one of the narrowest network that the server is in", () => {
    expect(interfaceTowards(held, "10.77.0.21")).toBe("eth0")
    expect(interfaceTowards(held, "10.78.0.21")).toBe("eth1")
  })

  it("is none where a router is between", () => {
    expect(interfaceTowards(held, "192.0.2.21")).toBeUndefined()
  })
})

describe("the address to ask from", () => {
  it("is the interface's own: no VIP, and no single address that may be one", () => {
    expect(addressToAskFrom(held, "eth0", 4, vips)).toBe("10.77.0.11")
  })

  it("is another interface's where that one has none of the family but of link scope", () => {
    expect(addressToAskFrom(held, "eth0", 6, vips)).toBe("fd00::11")
  })

  it("is a single address where there is no other, and still no VIP", () => {
    const cloud = held.filter(({ prefixLength }) => prefixLength === 32)
    expect(addressToAskFrom(cloud, "eth0", 4, vips)).toBe("10.77.0.99")
    expect(addressToAskFrom(held.slice(0, 2), "eth0", 4, vips)).toBeUndefined()
  })
})
