import { describe, expect, it } from "vitest"
import { salvageDirectorState } from "../../../src/agent/store/salvage.ts"
import { check, director, server, service } from "../../plan/samples.ts"

const other = service({
  key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 81 },
})

function salvage(value: unknown) {
  const salvaged = salvageDirectorState(typeof value === "string" ? value : JSON.stringify(value))
  if (!salvaged.ok) return salvaged.error.map(({ message }) => message)
  const { state, aside, problems } = salvaged.value
  return {
    services: state.services,
    aside: aside === "all" ? aside : [...aside],
    problems: problems.map(({ message }) => message),
  }
}

describe("salvageDirectorState", () => {
  it("takes a sound state whole", () => {
    const services = [service(), other]
    expect(salvage(director(...services))).toEqual({ services, aside: [], problems: [] })
  })

  it.each<[string, unknown, string]>([
    ["a field", service({ drainTimeoutMs: -1 }), "services[0].drainTimeoutMs must be a whole"],
    ["a check", { ...service(), check: { ...check, via: "air" } }, "services[0].check.via must be"],
    [
      "a server",
      service({ servers: [server(1, { address: "::1" })] }),
      "tcp 192.0.2.10:80: real server [::1]:80 is of another address family",
    ],
    [
      "a server twice",
      service({ servers: [server(1), server(1)] }),
      "tcp 192.0.2.10:80 real server 10.0.0.1:80 is there twice",
    ],
  ])("sets a service aside for %s, by name, and keeps the others", (_, bad, message) => {
    expect(salvage({ ...director(), services: [bad, other] })).toEqual({
      services: [other],
      aside: ["tcp 192.0.2.10:80"],
      problems: [expect.stringContaining(message)],
    })
  })

  it("counts the place of the bad one in the file", () => {
    const bad = service({ drainTimeoutMs: -1 })
    expect(salvage(director(other, bad))).toMatchObject({
      problems: [expect.stringMatching(/^services\[1\]\.drainTimeoutMs/)],
    })
  })

  it.each([null, 7, {}, { ...service(), key: { port: 80 } }])(
    "does not know which service %j is",
    (bad) => {
      expect(salvage({ ...director(), services: [bad, other] })).toMatchObject({
        services: [other],
        aside: "all",
      })
    },
  )

  it("takes the first of two services of a name", () => {
    expect(salvage(director(service(), other, service({ scheduler: "rr" })))).toEqual({
      services: [service(), other],
      aside: [],
      problems: [expect.stringContaining("tcp 192.0.2.10:80 is there twice")],
    })
  })

  it.each([
    ["no JSON", "{", /^this is not JSON/],
    ["no object", "[]", /must be an object/],
    ["no list of services", { ...director(), services: 1 }, /services must be a list/],
    ["another format", { ...director(service()), format: 2 }, /format must be/],
    ["a bad instance", { ...director(service()), vrrp: [{}] }, /vrrp\[0\]/],
  ])("refuses the whole for %s", (_, value, message) => {
    expect(salvage(value)).toEqual(expect.arrayContaining([expect.stringMatching(message)]))
  })
})
