import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hostViews } from "../../src/compile/views.ts"
import { parseYaml } from "../../src/load/yaml.ts"
import { brief, fleetOf, tokyoHosts } from "./fixtures.ts"

const clusters: unknown = {
  clusters: {
    tokyo: {
      directors: "lb",
      real_servers: "web",
      forwarding: "dr",
      vrrp: {
        interface: { lb1: "eth0", lb2: "eth0" },
        virtual_router_id: 51,
        priority: { lb1: 150 },
        advert_int: "1s",
      },
      connection_sync: { interface: "eth1", id: 7 },
    },
  },
}

const services: unknown = {
  services: {
    web: {
      cluster: "tokyo",
      vip: ["192.0.2.10", "2001:db8::10"],
      ports: [80, "443/tcp"],
      flags: [],
      persistence: { timeout: "50s" },
      check: { type: "http", status: [200] },
      backends: { group: "web", hosts: { rs3: { weight: 5 } } },
      sorry_server: "192.0.2.99:80",
      quorum: { up: 2, hysteresis: 1 },
    },
  },
}

/** The value with whatever stands at one of its paths replaced. */
function replaced(value: unknown, steps: readonly number[], by: unknown): unknown {
  const [step, ...rest] = steps
  if (step === undefined || typeof value !== "object" || value === null) return by
  const keys = Object.keys(value)
  const key = keys[step % Math.max(1, keys.length)]
  if (key === undefined) return by
  if (Array.isArray(value))
    return value.map((item: unknown, index) =>
      String(index) === key ? replaced(item, rest, by) : item,
    )
  const own = value as Readonly<Record<string, unknown>>
  return { ...own, [key]: replaced(own[key], rest, by) }
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    {},
    [],
    -1,
    1.5,
    1e9,
    "constructor",
    "__proto__",
    "192.0.2.21",
    "none",
    [[]],
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

describe("whatever a user writes", () => {
  it("is told in problems with a rule and a message, never thrown", () => {
    const steps = fc.array(fc.nat(20), { maxLength: 6 })
    fc.assert(
      fc.property(fc.boolean(), steps, strange, (first, path, by) => {
        const sources = {
          clusters: JSON.stringify(first ? replaced(clusters, path, by) : clusters),
          services: JSON.stringify(first ? services : replaced(services, path, by)),
        }
        fc.pre(Object.values(sources).every((text) => parseYaml(text, "x").ok))
        const { fleet, problems } = fleetOf(sources)
        for (const { rule, message, at } of problems) {
          expect(rule).toMatch(/^[a-z-]+$/)
          expect(message).not.toMatch(/undefined|\[object|NaN/)
          expect(at?.line).toBeGreaterThan(0)
        }
        hostViews(fleet)
      }),
      { numRuns: 400 },
    )
  })

  it("may name hosts and groups as JavaScript names its own", () => {
    const hosts = {
      constructor: { groups: ["lb"], ansible_host: "192.0.2.2" },
      toString: { groups: ["lb"], ansible_host: "192.0.2.3" },
      valueOf: { groups: ["web"], ansible_host: "192.0.2.21" },
    }
    const { fleet, problems } = fleetOf({ hosts })
    expect(brief(problems)).toEqual([])
    expect(fleet.clusters[0]?.directors.map(({ priority }) => priority)).toEqual([150, 140])
    expect(fleet.services[0]?.backends[0]?.weight).toBe(1)
  })
})

describe("the example of the documentation", () => {
  it("has no error", () => {
    const { problems } = fleetOf({
      hosts: tokyoHosts,
      clusters: `clusters:
  tokyo:
    directors: lb                       # an inventory group; one to n hosts
    real_servers: web
    forwarding: dr
    ipvs: native
    vrrp:
      driver: keepalived
      interface: eth0
      virtual_router_id: 51
      advert_int: 1s
      priority: { lb1: 150, lb2: 100 }
      preempt: false
      unicast: true
    connection_sync: { interface: eth1, id: 51 }
`,
      services: `services:
  web:
    cluster: tokyo
    vip: [ 192.0.2.10, "2001:db8::10" ]
    ports: [ 80/tcp, 443/tcp ]
    scheduler: wlc
    persistence: { timeout: 50s }
    check: { type: http, path: /healthz, status: 200, interval: 6s, timeout: 3s, retries: 3 }
    backends:
      group: web
      weight: 1
      hosts: { rs3: { weight: 5 } }
    sorry_server: 192.0.2.99:80
    quorum: { up: 2, hysteresis: 1 }
`,
    })
    expect(problems.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["sorry-partial", "warning"],
    ])
  })
})
