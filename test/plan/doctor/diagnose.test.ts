import { describe, expect, it } from "vitest"
import {
  checks,
  diagnose,
  findingsText,
  sortFindings,
  unreachableFinding,
} from "../../../src/plan/doctor/diagnose.ts"
import { director, realServer, switches, ward } from "./ward.ts"

const routing = director("lb1", {
  examined: {
    switches: switches({ "net/ipv4/ip_forward": "1" }),
    bootModules: new Set(),
    defaultRoutes: [],
  },
})

describe("the doctor", () => {
  it("gives every check an id of its own, a reason and something it looks at", () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
    for (const { id, why, looksAt } of checks) {
      expect(id).toMatch(/^[A-Z]\d\d$/)
      expect([why, looksAt]).not.toContain("")
    }
  })

  it("tells the worst first", () => {
    const found = diagnose(ward(routing, realServer())).filter(({ id }) => id !== "I01")
    expect(found.map(({ id, severity }) => `${severity} ${id}`)).toEqual([
      "error K02",
      "warning N10",
      "info S08",
    ])
  })

  it("says in 80 columns what, why and how, and counts", () => {
    const found = sortFindings([
      unreachableFinding({ host: "lb2", message: "connection refused", hint: "start sshd" }),
      ...diagnose(ward(routing)).filter(({ id }) => id === "K02"),
    ])
    const text = findingsText(found, 1)
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
    expect(text).toBe(`error K02  lb1: the next boot does not load ip_vs
    why: after a boot systemd-sysctl passes over switches whose module is not
    loaded, and says nothing
    cure: lbctl apply prod --limit lb1

error A01  lb2: could not be looked at: connection refused
    why: nothing is known of it
    cure: start sshd

2 errors: ${checks.length} checks on 1 host.`)
  })

  it("says that all is well", () => {
    expect(findingsText([], 3)).toBe(`All is well: ${checks.length} checks on 3 hosts.`)
  })
})
