import { describe, expect, it } from "vitest"
import { parseProcIpvs } from "../../src/wire/proc-ipvs.ts"

const head = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
`

describe("parseProcIpvs", () => {
  it("reads services and servers of both families", () => {
    const text = `${head}TCP  C000020A:0050 wlc persistent 12500 FFFFFF00
  -> 0A000016:0050      Route   5      1          2         
  -> 0A000015:1F90      Masq    0      0          0         
UDP  [2001:0db8:0000:0000:0000:0000:0000:0010]:0035 rr 
  -> [2001:0db8:0000:0000:0000:0000:0000:0021]:0035      Tunnel  1      0          0         
UDP  C000020B:0035 rr ops 
FWM  6C620000 rr 
  -> [fd77:0000:0000:0000:0000:0000:0000:0021]:0000      Route   1      0          0         
`
    const server = { upperThreshold: 0, lowerThreshold: 0 }
    expect(parseProcIpvs(text, 250)).toEqual({
      ok: true,
      value: [
        {
          key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 80 },
          scheduler: "wlc",
          flags: [],
          onePacket: false,
          persistence: { timeoutSeconds: 50, prefixLength: 24 },
          destinations: [
            { ...server, address: "10.0.0.22", port: 80, forwarding: "dr", weight: 5 },
            { ...server, address: "10.0.0.21", port: 8080, forwarding: "nat", weight: 0 },
          ],
        },
        {
          key: { kind: "address", protocol: "udp", address: "2001:db8::10", port: 53 },
          scheduler: "rr",
          flags: [],
          onePacket: false,
          destinations: [
            { ...server, address: "2001:db8::21", port: 53, forwarding: "tun", weight: 1 },
          ],
        },
        {
          key: { kind: "address", protocol: "udp", address: "192.0.2.11", port: 53 },
          scheduler: "rr",
          flags: [],
          onePacket: true,
          destinations: [],
        },
        {
          key: { kind: "fwmark", fwmark: 0x6c620000, family: 6 },
          scheduler: "rr",
          flags: [],
          onePacket: false,
          destinations: [{ ...server, address: "fd77::21", port: 0, forwarding: "dr", weight: 1 }],
        },
      ],
    })
  })

  it("reads the empty table", () => {
    expect(parseProcIpvs(head, 250)).toEqual({ ok: true, value: [] })
  })

  it.each([
    "nonsense",
    "  -> 0A000016:0050      Route   5      1          2",
    "TCP  C00002:0050 wlc",
  ])("names the first line it does not understand: %s", (line) => {
    expect(parseProcIpvs(`${head}${line}\n`, 250)).toEqual({ ok: false, error: line })
  })
})
