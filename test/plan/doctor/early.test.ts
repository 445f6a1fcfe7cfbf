import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { checks } from "../../../src/plan/doctor/diagnose.ts"
import { earlyChecks, earlyNotices } from "../../../src/plan/doctor/early.ts"
import { observed } from "../fixtures.ts"
import { director, realServer, vip, ward } from "./ward.ts"

const noticed = (...hosts: readonly Patient[]) => earlyNotices(hosts.map(({ input }) => input))
const own = { address: "10.77.0.21", prefix: 24, device: "eth0" }
const held = { address: vip, prefix: 32, device: "lo" }
const onCard = { address: vip, prefix: 32, device: "eth0" }

describe("what a plan tells of the doctor's checks", () => {
  it("is nothing on healthy hosts", () => {
    expect(noticed(director("lb1"), director("lb2"), realServer())).toEqual([])
  })

  it("is what the checks find, with the cure and the check's id", () => {
    const host = realServer({ observed: { addresses: [own, held, onCard] } })
    expect(noticed(host)).toEqual([
      {
        host: "rs1",
        message: `holds the VIP ${vip} on eth0 instead of lo`,
        hint: `ip address del ${vip}/32 dev eth0 on rs1 (N03 of lbctl doctor)`,
      },
    ])
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(earlyChecks.map(({ id }) => id)),
    )
  })

  it("is silent about what the apply itself takes away", () => {
    const old = { ...held, device: "tunl0" }
    const { owned } = observed()
    const addresses = [own, held, old, { ...held, prefix: 24 }]
    const server = (mine: typeof addresses) =>
      realServer({ observed: { addresses, owned: { ...owned, addresses: mine } } })
    expect(noticed(server([old])).map(({ hint }) => hint)).toEqual([
      `ip address del ${vip}/24 dev lo on rs1 (N02 of lbctl doctor)`,
    ])
    expect(noticed(server([]))).toHaveLength(2)
  })

  it("is an interface that is down; one that is missing stops the apply by itself", () => {
    const link = { name: "eth0", mac: "", up: false, mtu: 1500 }
    const messagesOf = (links: readonly (typeof link)[]) =>
      noticed(director("lb1", { observed: { links } })).map(({ message }) => message)
    expect(messagesOf([link])).toEqual(["the interface eth0 is down"])
    expect(messagesOf([])).toEqual([])
  })

  it("is a VIP that two directors hold, and not one that nobody holds before the first apply", () => {
    const both = director("lb2", { observed: { addresses: [onCard] } })
    expect(noticed(director("lb1"), both).map(({ message }) => message)).toEqual([
      `lb1 and lb2 both hold the VIP ${vip}`,
    ])
    const bare = director("lb1", { observed: { addresses: [] } })
    expect(noticed(bare, director("lb2"))).toEqual([])
    const v06 = checks.find(({ id }) => id === "V06")
    expect(v06?.find(ward(bare, director("lb2")))).toHaveLength(1)
  })
})
