import { describe, expect, it } from "vitest"
import { noTraffic } from "../../../src/model/traffic.ts"
import { applySteps } from "../../../src/agent/kernel/ipvs-apply.ts"
import { dumpTable } from "../../../src/agent/kernel/ipvs-dump.ts"
import { commands } from "../../../src/agent/protocol/ipvs-constants.ts"
import { encodeStep } from "../../../src/agent/protocol/ipvs-request.ts"
import type { ServiceHead } from "../../../src/agent/protocol/ipvs-service.ts"
import type { IpvsDestination, IpvsStep, ServiceKey } from "../../../src/model/ipvs.ts"
import { scriptedFamily } from "./family-socket.ts"

const key = (port: number): ServiceKey => ({
  kind: "address",
  protocol: "tcp",
  address: "192.0.2.10",
  port,
})
const service = (port: number): ServiceHead => ({
  key: key(port),
  scheduler: "wlc",
  flags: [],
  onePacket: false,
})
const server = (address: string, weight = 1): IpvsDestination => ({
  address,
  port: 80,
  forwarding: "dr",
  weight,
  upperThreshold: 0,
  lowerThreshold: 0,
})
const head = (port: number) => encodeStep({ op: "add-service", service: service(port) }).attributes
const add = (destination: IpvsDestination): IpvsStep => ({
  op: "add-server",
  key: key(80),
  destination,
})
const reading = (address: string) => encodeStep(add(server(address))).attributes

describe("dumpTable()", () => {
  it("gives destinations in canonical order, with their counters beside them", () => {
    const family = scriptedFamily({
      dump: ({ command }) =>
        command === commands.getService
          ? [[head(80)]]
          : [[reading("10.0.0.9"), reading("10.0.0.10"), reading("10.0.0.2")]],
    })
    const { table, counters } = dumpTable(family)
    expect(table[0]?.destinations.map(({ address }) => address)).toEqual([
      "10.0.0.2",
      "10.0.0.9",
      "10.0.0.10",
    ])
    expect(counters[0]).toEqual({
      service: "tcp 192.0.2.10:80",
      server: "10.0.0.2:80",
      active: 0,
      inactive: 0,
      connections: 0,
      persistent: 0,
      traffic: noTraffic,
      rates: noTraffic,
    })
  })

  it("reads again when the services changed while it read", () => {
    const family = scriptedFamily({
      dump: ({ command }, count) => {
        if (command !== commands.getService) return []
        return [count === 1 ? [head(80), head(81)] : [head(81)]]
      },
    })
    expect(dumpTable(family).table.map((found) => found.key)).toEqual([key(81)])
  })

  it("reads a long list of destinations until two readings agree", () => {
    const family = scriptedFamily({
      dump: ({ command }, count) => {
        if (command === commands.getService) return [[head(80)]]
        const gone = count === 1 ? [reading("10.0.0.1")] : []
        return [[...gone, reading("10.0.0.2")], [reading("10.0.0.3")]]
      },
    })
    expect(dumpTable(family).table[0]?.destinations.map(({ address }) => address)).toEqual([
      "10.0.0.2",
      "10.0.0.3",
    ])
  })

  it("ends although the table never holds still", () => {
    const family = scriptedFamily({
      dump: ({ command }, count) => (command === commands.getService ? [[head(count)]] : []),
    })
    expect(dumpTable(family).table).toHaveLength(1)
  })
})

describe("applySteps()", () => {
  const EEXIST = 17
  const EINVAL = 22

  it("sends at most 128 operations at a time, in order", () => {
    const family = scriptedFamily({})
    const steps = Array.from({ length: 300 }, (_, index) => add(server(`10.0.0.${index % 250}`)))
    expect(applySteps(family, steps)).toEqual([])
    const sent = family.batches.filter((batch) => batch.length > 0)
    expect(sent.map((batch) => batch.length)).toEqual([128, 128, 44])
    expect(sent.flat()).toEqual(steps.map(encodeStep))
  })

  it("edits what is there already, so that the content is right", () => {
    const family = scriptedFamily({
      errno: ({ command }) => (command === commands.newDestination ? EEXIST : 0),
    })
    const step = add(server("10.0.0.1", 5))
    expect(applySteps(family, [step])).toEqual([])
    expect(family.batches[1]).toEqual([
      { command: commands.setDestination, attributes: encodeStep(step).attributes },
    ])
  })

  it("names what was refused and goes on with the rest", () => {
    const bad = add(server("224.0.0.1"))
    const refused = Buffer.from(encodeStep(bad).attributes)
    const family = scriptedFamily({
      errno: ({ attributes }) => (refused.equals(attributes) ? EINVAL : 0),
    })
    expect(applySteps(family, [add(server("10.0.0.1")), bad, add(server("10.0.0.2"))])).toEqual([
      { step: bad, error: "EINVAL: invalid argument" },
    ])
  })

  it("names a step by what was asked, when the other way round is refused too", () => {
    const family = scriptedFamily({
      errno: ({ command }) => (command === commands.newDestination ? EEXIST : EINVAL),
    })
    const step = add(server("10.0.0.1"))
    expect(applySteps(family, [step])).toEqual([{ step, error: "EINVAL: invalid argument" }])
  })
})
