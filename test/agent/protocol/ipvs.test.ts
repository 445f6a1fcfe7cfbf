import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { commands } from "../../../src/agent/protocol/ipvs-constants.ts"
import {
  decodeDaemon,
  decodeTimeouts,
  encodeDaemon,
  encodeDaemonRole,
  encodeTimeouts,
} from "../../../src/agent/protocol/ipvs-daemon.ts"
import {
  decodeDestination,
  decodeService,
  encodeStep,
  explainRefusal,
  judgeStep,
} from "../../../src/agent/protocol/ipvs-request.ts"
import type { ServiceHead } from "../../../src/agent/protocol/ipvs-service.ts"
import type { IpvsDestination, IpvsStep, ServiceKey } from "../../../src/model/ipvs.ts"
import { destination, serviceHead } from "./arbitraries.ts"
import { noTraffic } from "../../../src/model/traffic.ts"
import { bytesOf, hexOf } from "./hex.ts"

const https: ServiceKey = { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 443 }
const mark6: ServiceKey = { kind: "fwmark", fwmark: 7, family: 6 }
const stats =
  "60000a000800010003000000080002000000000008000300000000000c000400000000000000000004000b00" +
  "0c0005000000000000000000080006000000000008000700000000000800080000000000080009000000000008000a0000000000"
const stats64 = "10000c000c0001000400000001000000"

/** A little-endian 16-bit number in hex. */
function word16(value: number): string {
  return value
    .toString(16)
    .padStart(4, "0")
    .replace(/(..)(..)/, "$2$1")
}

describe("a dump of Linux 6.1", () => {
  it("tells a persistent mh service, as ipvsadm -A -t … -s mh -b mh-fallback -p 50 -M 255.255.255.0 made it", () => {
    const payload = `b4000100 0600010002000000 0600020006000000 14000300c000020a000000000000000000000000
      0600040001bb0000 070006006d680000 0c0007000b000000ffffffff 0800080032000000 08000900ffffff00 ${stats}`
    expect(decodeService(bytesOf(payload))?.service).toEqual({
      key: https,
      scheduler: "mh",
      flags: ["mh-fallback"],
      onePacket: false,
      persistence: { timeoutSeconds: 50, prefixLength: 24 },
    })
  })

  it("tells a firewall-mark service of IPv6", () => {
    const payload = `38000100 060001000a000000 0800050007000000 0700060072720000
      0c00070002000000ffffffff 0800080000000000 0800090080000000`
    expect(decodeService(bytesOf(payload))?.service).toEqual({
      key: mark6,
      scheduler: "rr",
      flags: [],
      onePacket: false,
    })
  })

  it("tells a real server behind GUE with thresholds, and prefers the wide counters", () => {
    const payload = `e8000200 140001000a000015000000000000000000000000 0600020001bb0000 0800030002000000
      0800040005000000 05000d0001000000 06000e0017c00000 06000f0000000000 0800050064000000 0800060050000000
      0800070001000000 0800080002000000 0800090000000000 06000b0002000000 ${stats} ${stats64}`
    expect(decodeDestination(bytesOf(payload), https)).toEqual({
      destination: {
        address: "10.0.0.21",
        port: 443,
        forwarding: "tun",
        weight: 5,
        upperThreshold: 100,
        lowerThreshold: 80,
        tunnel: { type: "gue", port: 6080 },
      },
      active: 1,
      inactive: 2,
      persistent: 0,
      traffic: { ...noTraffic, connections: 0x100000004 },
      rates: noTraffic,
    })
  })

  it("tells totals and rates of a service", () => {
    const numbers = [3, 20, 10, 5000, 70_000, 1, 2, 4, 8, 16]
    const wide = numbers
      .map(
        (value, index) =>
          `0c00${word16(index + 1)}${word16(value % 65_536)}${word16(Math.floor(value / 65_536))}00000000`,
      )
      .join("")
    const payload = `b4000100 060001000a000000 0800050007000000 0700060072720000
      0c00070002000000ffffffff 0800080000000000 0800090080000000 7c000c00${wide}`
    expect(decodeService(bytesOf(payload))).toMatchObject({
      traffic: { connections: 3, inPackets: 20, outPackets: 10, inBytes: 5000, outBytes: 70_000 },
      rates: { connections: 1, inPackets: 2, outPackets: 4, inBytes: 8, outBytes: 16 },
    })
  })

  it("takes the service's family where an old kernel tells none", () => {
    const payload = `34000200 1400010020010db8000000000000000000000021 0600020000000000 0800030003000000
      0800040001000000 0800050000000000`
    expect(decodeDestination(bytesOf(payload), mark6)?.destination.address).toBe("2001:db8::21")
  })

  it("tells a sync daemon and the timeouts", () => {
    const daemon = `40000300 0800010002000000 090002006574683000000000 0800030007000000 06000400c0050000
      0600070090220000 0500080001000000 08000500e0000051`
    expect(decodeDaemon(bytesOf(daemon))).toEqual({
      role: "backup",
      interface: "eth0",
      syncId: 7,
      group: "224.0.0.81",
      port: 8848,
      ttl: 1,
      maxlen: 1472,
    })
    expect(decodeTimeouts(bytesOf("0800040084030000 0800050078000000 080006002c010000"))).toEqual({
      tcp: 900,
      tcpFin: 120,
      udp: 300,
    })
  })

  it("is passed over where the model has no words for it", () => {
    expect(decodeService(bytesOf("0c000100 0600010003000000"))).toBeUndefined()
    expect(decodeService(bytesOf(""))).toBeUndefined()
    expect(decodeDestination(bytesOf("0c000200 0600020001bb0000"), https)).toBeUndefined()
  })
})

describe("encodeStep()", () => {
  const web: ServiceHead = { key: https, scheduler: "wlc", flags: [], onePacket: false }
  const server: IpvsDestination = {
    address: "10.0.0.21",
    port: 443,
    forwarding: "dr",
    weight: 5,
    upperThreshold: 0,
    lowerThreshold: 0,
  }
  const keyHex = "0600010002000000 0600020006000000 08000300c000020a 0600040001bb0000"
  const serverHex = "080001000a000015 0600020001bb0000 06000b0002000000"

  it("clears the flags it does not set, and names no mask bit of the kernel's own", () => {
    const { command, attributes } = encodeStep({ op: "add-service", service: web })
    expect(command).toBe(commands.newService)
    expect(hexOf(attributes)).toBe(
      hexOf(
        bytesOf(
          `48000180 ${keyHex} 08000600776c6300 0c000700000000003d000000 0800080000000000 08000900ffffffff`,
        ),
      ),
    )
  })

  it("sends every attribute of a server when it edits one, the tunnel too", () => {
    const { command, attributes } = encodeStep({
      op: "edit-server",
      key: https,
      destination: server,
    })
    expect(command).toBe(commands.setDestination)
    expect(hexOf(attributes)).toBe(
      hexOf(
        bytesOf(
          `24000180 ${keyHex} 54000280 ${serverHex} 0800030003000000 0800040005000000 0800050000000000
           0800060000000000 05000d0000000000 06000e0000000000 06000f0000000000`,
        ),
      ),
    )
  })

  it("removes by identity alone", () => {
    const step: IpvsStep = { op: "remove-server", key: https, destination: server }
    expect(hexOf(encodeStep(step).attributes)).toBe(
      hexOf(bytesOf(`24000180 ${keyHex} 1c000280 ${serverHex}`)),
    )
    expect(hexOf(encodeStep({ op: "remove-service", key: mark6 }).attributes)).toBe(
      hexOf(bytesOf("14000180 060001000a000000 0800050007000000")),
    )
  })

  it("comes back whole from the reader of dumps: services", () => {
    fc.assert(
      fc.property(serviceHead, (service) => {
        const { attributes } = encodeStep({ op: "add-service", service })
        expect(decodeService(attributes)?.service).toEqual(service)
      }),
    )
  })

  it("comes back whole from the reader of dumps: servers", () => {
    fc.assert(
      fc.property(destination, (wanted) => {
        const step: IpvsStep = { op: "add-server", key: https, destination: wanted }
        expect(decodeDestination(encodeStep(step).attributes, https)?.destination).toEqual(wanted)
      }),
    )
  })
})

describe("a refused step", () => {
  const service: ServiceHead = { key: https, scheduler: "mh", flags: [], onePacket: false }
  const server: IpvsDestination = {
    address: "10.0.0.21",
    port: 443,
    forwarding: "dr",
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
  }
  const add: IpvsStep = { op: "add-service", service }
  const edit: IpvsStep = { op: "edit-service", service }
  const remove: IpvsStep = { op: "remove-service", key: https }
  const addServer: IpvsStep = { op: "add-server", key: https, destination: server }
  const editServer: IpvsStep = { op: "edit-server", key: https, destination: server }
  const removeServer: IpvsStep = { op: "remove-server", key: https, destination: server }
  const [ENOENT, ESRCH, EEXIST, EINVAL] = [2, 3, 17, 22]

  it.each<[string, IpvsStep, number, ReturnType<typeof judgeStep>]>([
    ["success is done", add, 0, "done"],
    ["what is there already is edited", add, EEXIST, edit],
    ["a server that is there already is edited", addServer, EEXIST, editServer],
    ["a service that is gone is added", edit, ESRCH, add],
    ["a server that is gone is added", editServer, ENOENT, addServer],
    ["a server of no service is refused", editServer, ESRCH, "refused"],
    ["an unknown scheduler is refused", edit, ENOENT, "refused"],
    ["removing what is gone is done", remove, ESRCH, "done"],
    ["removing a server that is gone is done", removeServer, ENOENT, "done"],
    ["removing a server whose service is gone is done", removeServer, ESRCH, "done"],
    ["anything else is refused", removeServer, EINVAL, "refused"],
  ])("%s", (_, step, errno, verdict) => {
    expect(judgeStep(step, errno)).toEqual(verdict)
  })

  it("is explained where the errno misleads", () => {
    expect(explainRefusal(add, ENOENT)).toBe("this kernel has no scheduler mh")
    expect(explainRefusal(addServer, ESRCH)).toBe("there is no such service")
    expect(explainRefusal(addServer, 34)).toBe("weight or thresholds out of range")
    expect(explainRefusal(add, EINVAL)).toBeUndefined()
  })
})

describe("requests about daemons and timeouts", () => {
  it("start and stop a sync daemon", () => {
    expect(hexOf(encodeDaemon({ role: "master", interface: "eth1", syncId: 51 }))).toBe(
      hexOf(bytesOf("20000380 0800010001000000 090002006574683100000000 0800030033000000")),
    )
    expect(hexOf(encodeDaemonRole("backup"))).toBe(hexOf(bytesOf("0c000380 0800010002000000")))
  })

  it("leave a timeout as it is by sending 0", () => {
    expect(hexOf(encodeTimeouts({ tcp: 600 }))).toBe(
      hexOf(bytesOf("0800040058020000 0800050000000000 0800060000000000")),
    )
  })
})
