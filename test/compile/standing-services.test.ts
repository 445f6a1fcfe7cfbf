import { describe, expect, it } from "vitest"
import { keepStanding } from "../../src/compile/standing-services.ts"
import { hostViews } from "../../src/compile/views.ts"
import type { DesiredService } from "../../src/model/desired.ts"
import type { Fleet } from "../../src/model/fleet.ts"
import { fleetOf, tokyoClusters } from "./fixtures.ts"

const web = `
  web:
    cluster: tokyo
    vip: [192.0.2.10, "2001:db8::10"]
    ports: [80/tcp, 443/tcp, 443/udp]
    scheduler: mh
    flags: [mh-port]
    persistence: { timeout: 60s }
    check: { type: http, path: /up }
    sorry_server: 192.0.2.22:80
    backends: { group: web, hosts: { rs3: { weight: 5, upper_threshold: 100 } } }
`
const api = (weight: number, ports = "[8080]") => `
  api:
    cluster: tokyo
    vip: 192.0.2.11
    ports: ${ports}
    forwarding: nat
    scheduler: rr
    watermark: { low: 0.3, high: 0.6 }
    all_down: remove
    initial: down
    slow_start: 30s
    backends: { hosts: { rs1: { weight: ${weight} }, rs2: {} } }
`

function fleet(...services: readonly string[]): Fleet {
  return fleetIn(tokyoClusters, services)
}

function fleetIn(clusters: string, services: readonly string[]): Fleet {
  const { fleet: made, problems } = fleetOf({
    clusters,
    services: `services:${services.join("")}`,
  })
  if (problems.some(({ severity }) => severity !== "warning"))
    throw new Error(JSON.stringify(problems))
  return made
}

/** What the directors of a fleet work by once it is applied. */
function held(applied: Fleet): Map<string, readonly DesiredService[]> {
  return new Map(
    hostViews(applied).flatMap(({ host, director }) =>
      director === undefined ? [] : [[host, director.services] as const],
    ),
  )
}

function kept(wanted: Fleet, chosen: readonly string[], before: Fleet): Fleet {
  const result = keepStanding(wanted, new Set(chosen), held(before))
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

describe("keepStanding()", () => {
  it("takes the chosen service as defined, and all others as the directors hold them", () => {
    const before = fleet(web, api(1))
    const both = fleet(web.replace("weight: 5", "weight: 7"), api(3, "[8080, 8081]"))
    const views = hostViews(kept(both, ["web"], before))
    expect(views).toEqual(hostViews(fleet(web.replace("weight: 5", "weight: 7"), api(1))))
    expect(hostViews(kept(both, ["api"], before))).toEqual(
      hostViews(fleet(web, api(3, "[8080, 8081]"))),
    )
  })

  it("says again what keepalived runs for a service", () => {
    const told = `
  told:
    cluster: tokyo
    vip: 192.0.2.12
    ports: [80]
    check: { type: tcp }
    initial: down
    keepalived: { notify_up: /usr/local/sbin/tell up, quorum_down: /usr/local/sbin/tell, omega: true }
`
    const before = fleetIn(`${tokyoClusters}    ipvs: keepalived\n`, [told])
    const [service] = before.services
    expect(service?.keepalived).toEqual({
      notifyUp: "/usr/local/sbin/tell up",
      quorumDown: "/usr/local/sbin/tell",
      omega: true,
    })
    expect(hostViews(kept(before, [], before))).toEqual(hostViews(before))
  })

  it("says a service by firewall mark again", () => {
    const shop = `
  shop:
    cluster: tokyo
    vip: [192.0.2.12, 192.0.2.13, "2001:db8::12"]
    ports: [80/tcp, 443/tcp, 50000-50010/udp, 0/sctp]
    fwmark: 12
    persistence: { timeout: 60s, prefix4: 24, prefix6: 64 }
    sorry_server: 192.0.2.22:80
`
    const before = fleet(shop, api(1))
    const after = held(kept(fleet(shop.replace("12", "99"), api(2)), ["api"], before))
    for (const [host, services] of held(before)) {
      const marked = (all: readonly DesiredService[] = []) =>
        all.filter(({ name }) => name === "shop")
      expect(marked(services)).toHaveLength(2)
      expect(marked(after.get(host))).toEqual(marked(services))
    }
  })

  it("keeps services that the definition lost, and adds none that it gained", () => {
    expect(hostViews(kept(fleet(web), ["web"], fleet(web, api(1))))).toEqual(
      hostViews(fleet(web, api(1))),
    )
    expect(hostViews(kept(fleet(web, api(1)), ["api"], fleet(api(2))))).toEqual(
      hostViews(fleet(api(1))),
    )
  })

  it("begins with the chosen services on directors that hold nothing", () => {
    const result = keepStanding(fleet(web, api(1)), new Set(["api"]), new Map([["lb1", undefined]]))
    expect(result.ok && result.value.services.map(({ name }) => name)).toEqual(["api"])
  })

  it("refuses where no director tells what is to stay", () => {
    const result = keepStanding(fleet(web, api(1)), new Set(["api"]), new Map())
    expect(result.ok ? "" : result.error[0]?.message).toContain("no director of tokyo tells")
  })

  it("refuses where directors disagree about what is to stay", () => {
    const now = new Map([...held(fleet(web, api(1))), ...[...held(fleet(web, api(2)))].slice(0, 1)])
    const result = keepStanding(fleet(web, api(3)), new Set(["web"]), now)
    expect(result.ok ? [] : result.error.map(({ rule }) => rule)).toEqual(["tags"])
  })

  it("refuses what could not be said again by a definition", () => {
    const odd = new Map(
      [...held(fleet(web, api(1)))].map(([host, services]) => [
        host,
        services.map((one) => ({
          ...one,
          quorum: { up: one.servers[0]?.port ?? 0, hysteresis: 0 },
        })),
      ]),
    )
    const result = keepStanding(fleet(web, api(3, "[8080, 8081]")), new Set(["api"]), odd)
    expect(result.ok ? "" : result.error[0]?.message).toContain("cannot say again")
  })
})
