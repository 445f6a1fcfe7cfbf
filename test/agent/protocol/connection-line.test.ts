import { describe, expect, it } from "vitest"
import { parseConnection } from "../../../src/agent/protocol/connection-line.ts"

describe("parseConnection()", () => {
  it("reads an IPv4 entry as /proc/net/ip_vs_conn has it", () => {
    expect(
      parseConnection("TCP C0A80105 D2F0 C000020A 0050 0A000015 1F90 ESTABLISHED     897"),
    ).toEqual({
      protocol: "TCP",
      client: "192.168.1.5:54000",
      vip: "192.0.2.10:80",
      server: "10.0.0.21:8080",
      state: "ESTABLISHED",
      expiresSeconds: 897,
    })
  })

  it("reads an IPv6 entry, and one with the data of a persistence engine", () => {
    const address = (last: string) => `2001:0db8:0000:0000:0000:0000:0000:${last}`
    expect(
      parseConnection(
        `UDP ${address("0001")} 13C4 ${address("0010")} 13C4 ${address("0021")} 13C4 UDP             300 sip 7f@x`,
      ),
    ).toMatchObject({
      client: "[2001:db8::1]:5060",
      server: "[2001:db8::21]:5060",
      expiresSeconds: 300,
    })
  })

  it("passes over the heading and what is cut off", () => {
    for (const line of [
      "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData",
      "TCP C0A80105 D2F0 C000020A",
      "",
    ])
      expect(parseConnection(line)).toBeUndefined()
  })
})
