import { describe, expect, it } from "vitest"
import { encapsulate } from "../../../src/agent/protocol/tunnel.ts"
import { bytesOf, hexOf } from "./hex.ts"

const ends = { source: "10.77.0.11", destination: "10.77.0.21" }
const packet = bytesOf("45 00 00 01")

describe("a packet to a real server of forwarding tun", () => {
  const sent = (tunnel: Parameters<typeof encapsulate>[0], inner: 4 | 6) => {
    const { protocol, bytes } = encapsulate(tunnel, packet, inner, ends)
    return [protocol, hexOf(bytes)]
  }

  it("goes bare behind the outer header with ipip, which names its family", () => {
    expect(sent({ type: "ipip" }, 4)).toEqual([4, "45000001"])
    expect(sent({ type: "ipip" }, 6)).toEqual([41, "45000001"])
  })

  it("goes behind a GRE header without options, which names its EtherType", () => {
    expect(sent({ type: "gre" }, 4)).toEqual([47, "00000800" + "45000001"])
    expect(sent({ type: "gre" }, 6)).toEqual([47, "000086dd" + "45000001"])
  })

  it("goes in a datagram to the tunnel's port with gue, whose header names its protocol", () => {
    const [protocol, hex] = sent({ type: "gue", port: 5555 }, 6)
    expect(protocol).toBe(17)
    expect(hex).toMatch(/^15b315b30010....0029000045000001$/)
  })
})
