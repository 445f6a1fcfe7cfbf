import { describe, expect, it } from "vitest"
import type { HealthCheck } from "../../src/model/check.ts"
import { brief, fleetOf } from "./fixtures.ts"

/** The check of a service with one tcp port, without what all checks have. */
function compiled(lines: string, port = "80"): object {
  const services = `services:\n  web:\n    cluster: tokyo\n    vip: 192.0.2.10\n    ports: [${port}]\n    check:\n${lines
    .trim()
    .split("\n")
    .map((line) => `      ${line.trimEnd()}\n`)
    .join("")}`
  const { fleet, problems } = fleetOf({ services })
  expect(brief(problems)).toEqual([])
  const check = fleet.services[0]?.check
  if (check === undefined) throw new Error("no check")
  return ownOf(check)
}

function ownOf(check: HealthCheck): object {
  const {
    intervalMs: _i,
    timeoutMs: _t,
    retries: _r,
    delayBeforeRetryMs: _d,
    rise: _s,
    ...own
  } = check
  return own
}

describe("an http check", () => {
  it("asks GET / for 200 when it says nothing", () => {
    expect(compiled("type: http")).toEqual({ type: "http", via: "vip", path: "/", status: [200] })
  })

  it("takes codes, classes and ranges for a status", () => {
    expect(compiled("type: http\nstatus: 2xx")).toMatchObject({ status: [{ from: 200, to: 299 }] })
    expect(compiled('type: http\nstatus: [200, "204", 300-399, 404-404]')).toMatchObject({
      status: [200, 204, { from: 300, to: 399 }, 404],
    })
  })

  it("gives its urls what they do not say themselves", () => {
    const check = compiled(`
type: http
host: www.example.org
status: [200, 204]
body: OK
urls:
  - { path: /a, method: POST }
  - { path: /b, host: b.example.org, status: 404, regex: "x$", regex_options: [multiline, caseless], regex_no_match: true }
headers: { X-Check: "1" }
payload: hello
max_body: 1MiB
`)
    expect(check).toEqual({
      type: "http",
      via: "vip",
      method: "POST",
      path: "/a",
      host: "www.example.org",
      status: [200, 204],
      body: "OK",
      urls: [
        {
          path: "/b",
          host: "b.example.org",
          status: [404],
          body: "OK",
          regex: { source: "x$", flags: "im", absent: true },
        },
      ],
      headers: { "X-Check": "1" },
      payload: "hello",
      maxBodyBytes: 1_048_576,
    })
  })
})

describe("an https check", () => {
  it("has TLS besides", () => {
    const check = compiled(`
type: https
digest: D36F8F9425C4A8000AD9C4A97185ACA5
sni: www.example.org
verify: { ca_file: /etc/ssl/ours.pem, name: example.org }
certificate_days: { warn: 14 }
`)
    expect(check).toEqual({
      type: "https",
      via: "vip",
      path: "/",
      status: [200],
      digest: "d36f8f9425c4a8000ad9c4a97185aca5",
      sni: "www.example.org",
      verify: { caFile: "/etc/ssl/ours.pem", name: "example.org" },
      certificateDays: { warn: 14 },
    })
    expect(compiled("type: https\nverify: {}")).toMatchObject({ verify: {} })
  })
})

describe("the other checks", () => {
  it.each([
    ["80", "type: icmp", { type: "icmp", via: "address" }],
    [
      "80",
      'type: tcp\nsend: "a\\r\\n"\nreceive: hex:00\ntls: { certificate_days: { fail: 1 } }',
      {
        type: "tcp",
        via: "vip",
        send: "a\r\n",
        receive: "hex:00",
        tls: { certificateDays: { fail: 1 } },
      },
    ],
    ["53/udp", "type: udp", { type: "udp", via: "vip", requireReply: false }],
    [
      "53/udp",
      "type: udp\npayload: hex:ff\nreply: b",
      { type: "udp", via: "vip", payload: "hex:ff", reply: "b", requireReply: true },
    ],
    [
      "53/udp",
      "type: dns",
      {
        type: "dns",
        via: "vip",
        name: ".",
        recordType: "SOA",
        rcode: "NOERROR",
        transport: "udp",
      },
    ],
    [
      "53/udp",
      "type: dns\nname: a.example.org\nrecord: AAAA\nanswer: 2001:db8::1\nvia: address\nport: 54",
      {
        type: "dns",
        via: "address",
        port: 54,
        name: "a.example.org",
        recordType: "AAAA",
        answer: ["2001:db8::1"],
        rcode: "NOERROR",
        transport: "udp",
      },
    ],
    [
      "25",
      "type: smtp\nhelo_name: lb1\ngreeting: mx\ntls: {}",
      { type: "smtp", via: "vip", heloName: "lb1", greeting: "mx", tls: {} },
    ],
    [
      "1812/udp",
      "type: radius\nuser: probe\npassword_file: /etc/p\nsecret_file: /etc/s\nvia: address",
      {
        type: "radius",
        via: "address",
        user: "probe",
        passwordFile: "/etc/p",
        secretFile: "/etc/s",
        answer: "accept",
      },
    ],
    [
      "80",
      "type: external\ncommand: [/bin/check, -v]\nport: 81",
      { type: "external", via: "address", port: 81, user: "nobody", command: ["/bin/check", "-v"] },
    ],
  ])("on %s: %j", (port, lines, check) => {
    expect(compiled(lines, port)).toEqual(check)
  })
})
