import { describe, expect, it } from "vitest"
import { formatProblem } from "../../src/core/problem.ts"
import { checkDocument } from "../../src/schema/check.ts"
import type { DocumentKind } from "../../src/schema/check.ts"
import { document } from "../compile/fixtures.ts"

function check(kind: DocumentKind, text: string): string[] {
  return checkDocument(kind, document(text, `${kind}.yml`)).map(formatProblem)
}

const service = (line: string) =>
  check(
    "services",
    `services:\n  web:\n    cluster: c\n    vip: 192.0.2.1\n    ports: [80]\n    ${line}\n`,
  )

describe("a document in good form", () => {
  it("has no problem", () => {
    const everything = `
services:
  web:
    cluster: tokyo
    vip: [ 192.0.2.10, "2001:db8::10" ]
    ports: [ 80/tcp, 443/tcp, 8080, 53/udp, 5060/sctp ]
    scheduler: mh
    flags: [mh-port, mh-fallback]
    one_packet: false
    forwarding: tun
    tunnel: { type: gue, port: 5555 }
    persistence: { timeout: 50s, prefix4: 24, prefix6: 64, engine: sip }
    check: { type: http, path: /healthz, status: [200, 204], interval: 6s, timeout: 1.5s, retries: 3, delay_before_retry: 1s, rise: 2, port: 81, via: address, host: example.org }
    backends:
      group: web_tokyo
      weight: 1
      upper_threshold: 100
      hosts: { rs3: { weight: 5, lower_threshold: 3 }, rs4: }
    sorry_server: "[2001:db8::99]:80"
    quorum: { up: 2, hysteresis: 1 }
    inhibit_on_failure: true
    drain_timeout: 30s
  plain: { cluster: tokyo, vip: 192.0.2.10, ports: [81], check: none, sorry_server: 192.0.2.99:80 }
`
    expect(check("services", everything)).toEqual([])
  })
})

describe("one mistake", () => {
  it("is one problem: an unknown key with the nearest known one, at the key", () => {
    expect(service("shceduler: rr")).toEqual([
      'services.yml:6:5: error: unknown key "shceduler" (in services.web) [schema-unknown-key]\n    did you mean "scheduler"?',
    ])
  })

  it("is one problem: an unknown key like no other, with those there are", () => {
    expect(service("quorum: { foobar: 1 }")).toEqual([
      'services.yml:6:15: error: unknown key "foobar" (in services.web.quorum) [schema-unknown-key]\n    known keys here: up, hysteresis',
    ])
  })

  it("is one problem: a duration without a unit", () => {
    expect(service("drain_timeout: 30")).toEqual([
      "services.yml:6:20: error: 30 lacks a unit (in services.web.drain_timeout) [schema-duration]\n    write 30s for seconds, or another of ms, m, h, d",
    ])
  })

  it.each([
    ["scheduler: wlcc", 'did you mean "wlc"?'],
    ["scheduler: 5", "right would be: rr, wrr"],
    ["forwarding: DR", "dr, nat, tun"],
    ["check: { type: htp }", '"htp" is no known type'],
    ["check: { path: / }", 'the key "type" is missing'],
    ["check: { type: tcp, path: / }", 'unknown key "path"'],
    ["check: non", "only none is possible here"],
    ["check: 5", "expected a map, found a whole number 5"],
    ["check: { type: tcp, interval: fast }", '"fast" is not possible here'],
    ["quorum: 2", "expected a map, found a whole number 2"],
    ["quorum: { up: two }", 'expected a whole number, found text "two"'],
    ["one_packet: 1", "expected true or false, found a whole number 1"],
    ["persistence:", "the value is missing"],
    ["persistence: {}", 'the key "timeout" is missing'],
    ["flags: sh-port", 'expected a list, found text "sh-port"'],
    ["flags: [sh-port, sh-port]", "names one entry twice"],
    ["sorry_server: 192.0.2.99", '"192.0.2.99" is not possible here'],
    ["sorry_server: '2001:db8::1:80'", "as 192.0.2.99:80 or [2001:db8::99]:80"],
    ["backends: { weight: 65536 }", "0 to 65535"],
    ["backends: { weight: -1 }", "0 to 65535"],
    ["backends: { hosts: { rs1: 5 } }", "expected a map or nothing, found a whole number 5"],
    ["persistence: { timeout: 5s, prefix4: 33 }", "1 to 32"],
  ])("is one problem: %s", (line, words) => {
    const problems = service(line)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(words)
  })

  it.each([
    ["vip: 192.0.2.256", "A virtual address"],
    ["vip: [192.0.2.1/32]", "A virtual address"],
    ["vip: []", "at least one entry"],
    ["ports: [http]", "80/tcp"],
    ["ports: [80/icmp]", "tcp, udp or sctp"],
    ["ports: [-1]", "1 to 65535"],
    ["ports: [70000]", "1 to 65535"],
    ["ports: 80", "expected a list"],
  ])("is one problem: %s", (line) => {
    const text = `services:\n  web:\n    cluster: c\n${["vip: 192.0.2.1", "ports: [80]"]
      .map((good) => (line.startsWith(good.slice(0, 3)) ? line : good))
      .map((each) => `    ${each}\n`)
      .join("")}`
    expect(check("services", text)).toHaveLength(1)
  })

  it("is told at the name of what lacks a key", () => {
    expect(check("services", "services:\n  web:\n    cluster: c\n    ports: [80]\n")).toEqual([
      'services.yml:2:3: error: the key "vip" is missing (in services.web) [schema-missing-key]\n    The virtual address, or a list of them; IPv4 and IPv6 may be mixed.',
    ])
  })

  it("is told at a key that is no possible name", () => {
    const [problem] = check(
      "services",
      "services:\n  we b: { cluster: c, vip: 192.0.2.1, ports: [80] }\n",
    )
    expect(problem).toContain('services.yml:2:3: error: "we b" is no possible name')
  })

  it("is told of a file that is empty or a list", () => {
    expect(check("clusters", "")).toHaveLength(1)
    expect(check("clusters", "- a")).toHaveLength(1)
    expect(check("clusters", "clusters: {}")).toHaveLength(1)
    expect(check("clusters", "clusters:")).toHaveLength(1)
  })

  it("may lie below keys with any characters", () => {
    const [problem] = check(
      "services",
      'services: { web: { cluster: c, vip: 192.0.2.1, ports: [80], backends: { hosts: { "a/b~c%d": 5 } } } }',
    )
    expect(problem).toContain("services.web.backends.hosts.a/b~c%d")
  })

  it("is told without control characters of the input", () => {
    const problems = check("services", 'services: { "a\\e[2J": { vip: [.nan] } }')
    // oxlint-disable-next-line no-control-regex
    expect(problems.filter((text) => /[\u0000-\u0009\u000b-\u001f]/.test(text))).toEqual([])
    expect(problems.join("\n")).toContain('(in services."a\\u001b[2J".vip.0)')
    expect(problems.join("\n")).toContain("found a number NaN")
  })
})

describe("many mistakes", () => {
  it("are all told", () => {
    const problems = check(
      "clusters",
      `clusters:
  tokyo:
    directors: []
    forwading: dr
    ipvs: kernel
    vrrp: { interface: averylonginterface, virtual_router_id: 256, driver: direct, priority: { lb1: 255 }, anchor: x }
`,
    )
    expect(problems.map((text) => text.split("(")[0]?.trim())).toEqual([
      "clusters.yml:3:16: error: at least one entry is needed here",
      'clusters.yml:4:5: error: unknown key "forwading"',
      'clusters.yml:5:11: error: "kernel" is not possible here',
      'clusters.yml:6:24: error: "averylonginterface" is longer than 15 characters',
      "clusters.yml:6:63: error: 256 is not possible here",
      'clusters.yml:6:76: error: "direct" is not possible here',
      "clusters.yml:6:101: error: 255 is not possible here",
      'clusters.yml:6:116: error: "x" is not possible here',
    ])
  })
})
