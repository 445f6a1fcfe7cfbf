import { describe, expect, it } from "vitest"
import type { AgentStatus } from "../../src/model/agent-status.ts"
import type { DirectorState } from "../../src/model/desired.ts"
import type { IpvsTable } from "../../src/model/ipvs.ts"
import { planTable, statusOfTable } from "../../src/plan/ipvs-changes.ts"
import {
  check,
  destination,
  director,
  halfMinuteLater,
  held,
  noon,
  server,
  service,
  web,
  weighing,
} from "./samples.ts"

function lines(wanted: DirectorState, table: IpvsTable, more: Partial<AgentStatus> = {}): string[] {
  return planTable(wanted, { ...statusOfTable(table), ...more }, noon).map(
    ({ change: { action, subject, meaning, risk } }) =>
      `${action} ${subject}: ${meaning} [${risk}]`,
  )
}

const both = [held([destination(1), destination(2)])]
const owned = { owned: [web], running: true }

describe("planTable", () => {
  it("says nothing when the kernel is as it shall be", () => {
    expect(lines(director(service()), both)).toEqual([])
  })

  it("shows keepalived's services as it would make them, and tells who makes a change", () => {
    const theirs = director(service({ ipvs: "keepalived", check, drainTimeoutMs: 0 }))
    expect(lines(theirs, [])).toEqual([
      `add virtual service ${web}: scheduler wlc [none]`,
      `add virtual service ${web}: real server 10.0.0.1:80 weight 1, dr [low]`,
      `add virtual service ${web}: real server 10.0.0.2:80 weight 1, dr [low]`,
    ])
    const status = { ...statusOfTable(both), desired: theirs }
    expect(lines(director(), both, { desired: theirs })).toEqual([
      `remove virtual service ${web}: at once, with its connections [high]`,
    ])
    expect(planTable(director(), status, noon).map(({ by }) => by)).toEqual(["keepalived"])
    const one = director(service({ ipvs: "keepalived", drainTimeoutMs: 0, servers: [server(1)] }))
    expect(lines(one, both, { desired: theirs })).toEqual([
      `remove virtual service ${web}: real server 10.0.0.2:80 at once, with its connections [high]`,
    ])
  })

  it("takes the weights that a command told keepalived as they are", () => {
    const theirs = director(service({ ipvs: "keepalived", check: weighing }))
    const table = [held([destination(1, 17), destination(2)])]
    expect(lines(theirs, table, { desired: theirs, running: true })).toEqual([])
    const silent = director(
      service({ ipvs: "keepalived", check: { ...weighing, weightByExitCode: false } }),
    )
    expect(lines(silent, table, { desired: silent, running: true })).toHaveLength(1)
  })

  it("takes a server that keepalived took out for down, and heeds no override there", () => {
    const theirs = director(service({ ipvs: "keepalived", check }))
    const health = [
      { service: web, server: "10.0.0.1:80", state: "up", message: "", since: "" },
      { service: web, server: "10.0.0.2:80", state: "down", message: "", since: "" },
    ] as const
    const overrides = [{ action: "drain", host: "rs1", by: "ann", since: noon }] as const
    const known = { desired: theirs, health, overrides, running: true }
    expect(lines(theirs, [held([destination(1)])], known)).toEqual([])
  })

  it("changes nothing when a service goes from the agent to keepalived or back", () => {
    const theirs = director(service({ ipvs: "keepalived" }))
    expect(lines(theirs, both, { ...owned, desired: director(service()) })).toEqual([])
    expect(lines(director(service()), both, { desired: theirs, running: true })).toEqual([])
  })

  it("names a new service and its servers", () => {
    const persistence = { timeoutSeconds: 50, prefixLength: 32 }
    expect(lines(director(service({ check, persistence })), [])).toEqual([
      `add virtual service ${web}: scheduler wlc, persistence 50s by /32 [none]`,
      `add virtual service ${web}: real server 10.0.0.1:80 weight 1, dr; joins when its check passes [low]`,
      `add virtual service ${web}: real server 10.0.0.2:80 weight 1, dr; joins when its check passes [low]`,
    ])
  })

  it("names weights, forwarding and the scheduler before and after", () => {
    const wanted = service({
      scheduler: "mh",
      flags: ["mh-port"],
      servers: [server(1, { weight: 5 }), server(2, { forwarding: "nat" })],
    })
    expect(lines(director(wanted), both)).toEqual([
      `edit virtual service ${web}: scheduler wlc -> scheduler mh mh-port [low]`,
      `edit virtual service ${web}: real server 10.0.0.1:80 weight 1 -> 5 [low]`,
      `edit virtual service ${web}: real server 10.0.0.2:80 dr -> nat [low]`,
    ])
  })

  it("tells how a real server goes: drained, or at once with its connections", () => {
    const one = service({ servers: [server(1)] })
    expect(lines(director(one), both, owned)).toEqual([
      `remove virtual service ${web}: real server 10.0.0.2:80 once it is idle, after 30s at the latest [low]`,
    ])
    expect(lines(director({ ...one, drainTimeoutMs: 0 }), both, owned)).toEqual([
      `remove virtual service ${web}: real server 10.0.0.2:80 at once, with its connections [high]`,
    ])
  })

  it("shows a service that goes as one change, and leaves strangers alone", () => {
    expect(lines(director(), both, owned)).toEqual([
      `remove virtual service ${web}: no new connections; its 2 real servers may finish theirs within the drain timeout [high]`,
    ])
    expect(lines(director(), both)).toEqual([])
  })

  it("takes a running drain for no difference, by the agent's clock and not by its own", () => {
    const table = [held([destination(1), destination(2, 0)])]
    const one = director(service({ servers: [server(1)] }))
    for (const until of [halfMinuteLater, noon]) {
      const draining = [{ service: web, server: "10.0.0.2:80", until }]
      expect(lines(one, table, { ...owned, draining })).toEqual([])
    }
    const draining = [{ service: web, server: "10.0.0.2:80", until: noon }]
    expect(lines(one, table, { ...owned, running: false, draining })).toHaveLength(1)
  })

  it("takes a server that was found down for no difference", () => {
    const down = {
      service: web,
      server: "10.0.0.2:80",
      state: "down",
      message: "connection refused",
      since: noon,
    } as const
    const table = [held([destination(1)])]
    const wanted = director(service({ check }))
    expect(lines(wanted, table, { ...owned, health: [down] })).toEqual([])
    expect(lines(wanted, table, { ...owned, health: [{ ...down, state: "up" }] })).toEqual([
      `add virtual service ${web}: real server 10.0.0.2:80 weight 1, dr; joins when its check passes [low]`,
    ])
  })

  it("takes the sorry server in the kernel for a lost quorum, no difference", () => {
    const sorryServer = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const
    const wanted = director(service({ check, sorryServer, quorum: { up: 2, hysteresis: 0 } }))
    const table = [held([destination(1, 0), destination(99)])]
    const health = (["up", "down"] as const).map((state, index) => ({
      service: web,
      server: `10.0.0.${index + 1}:80`,
      state,
      message: "",
      since: noon,
    }))
    expect(lines(wanted, table, { ...owned, health })).toEqual([])
  })

  it("does not show private check services", () => {
    const mark = { ...held([]), key: { kind: "fwmark", fwmark: 0x6c620001, family: 4 } } as const
    expect(lines(director(service()), [...both, mark], owned)).toEqual([])
  })
})
