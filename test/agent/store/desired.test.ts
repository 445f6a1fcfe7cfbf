import { describe, expect, it } from "vitest"
import { parseDirectorState } from "../../../src/agent/store/desired.ts"
import { check, director, marked, server, service } from "../../plan/samples.ts"

const tunnel = { type: "gue", port: 5555 } as const
const full = {
  ...director(
    service({
      check: {
        ...check,
        type: "http",
        path: "/healthz",
        status: [200, 204],
        host: "www",
        port: 8080,
      },
      persistence: { timeoutSeconds: 50, prefixLength: 32, engine: "sip" },
      sorryServer: { address: "10.0.0.99", port: 80, forwarding: "nat" },
      watermark: { low: 0.3, high: 0.6 },
      allDown: "remove",
      initial: "up",
      slowStartMs: 30_000,
      flags: ["mh-port"],
      servers: [server(1, { forwarding: "tun", tunnel, upperThreshold: 9, lowerThreshold: 1 })],
    }),
  ),
  connectionSync: [
    { instance: "tokyo", interface: "eth1.100", id: 51 },
    {
      instance: "osaka",
      interface: "eth1",
      id: 0,
      group: "ff02::81",
      port: 1,
      ttl: 2,
      maxlen: 1400,
    },
  ],
  timeouts: { tcp: 600, udp: 30 },
}

function problems(value: unknown): string[] {
  const parsed = parseDirectorState(typeof value === "string" ? value : JSON.stringify(value))
  return parsed.ok ? [] : parsed.error.map(({ message }) => message)
}

describe("parseDirectorState", () => {
  it("takes a full state as it is", () => {
    expect(parseDirectorState(JSON.stringify(full))).toEqual({ ok: true, value: full })
  })

  it("tells that a text is no JSON", () => {
    expect(problems("{")[0]).toMatch(/^this is not JSON/)
  })

  it("tells all that is wrong, each with its place", () => {
    const broken = {
      ...full,
      timeouts: { tcp: 0 },
      format: 2,
      extra: 1,
      services: [
        service({ servers: [server(1, { weight: -1, address: "10.0.0" })] }),
        { ...service(), check: { ...check, via: "thin air" } },
      ],
    }
    expect(problems(broken)).toEqual([
      "extra is not known",
      "format must be one of 1",
      "services[0].servers[0].address must be an IP address",
      "services[0].servers[0].weight must be a whole number from 0 to 2147483647",
      "services[1].check.via must be one of vip, address",
      "timeouts.tcp must be a whole number from 1 to 2678400",
    ])
  })

  it("knows every part of every check", () => {
    const regex = { source: "^a", flags: "im", absent: true }
    const url = { path: "/b", status: [{ from: 200, to: 299 }], body: "OK", regex }
    const http = { path: "/", status: [200], method: "HEAD", urls: [url] }
    const https = {
      ...http,
      type: "https",
      digest: "0".repeat(64),
      headers: { "x-a": "1" },
      payload: "p",
      maxBodyBytes: 1024,
      sni: "a",
      verify: { caFile: "/ca.pem", name: "b" },
      certificateDays: { warn: 9, fail: 1 },
    }
    const checks = [{ ...http, type: "http" }, https, { ...https, verify: {} }]
    const tls = { sni: "a", verify: {}, certificateDays: { fail: 0 } }
    const dns = { name: ".", recordType: "SOA", rcode: "NOERROR", transport: "udp" }
    checks.push(
      { type: "tcp", send: "a", receive: "hex:00", tls } as never,
      { type: "udp", payload: "a", reply: "b", requireReply: true } as never,
      { type: "dns", ...dns, answer: ["a"] } as never,
      { type: "smtp", heloName: "a", greeting: "b", tls } as never,
      { type: "icmp" } as never,
      { type: "radius", user: "a", passwordFile: "/p", secretFile: "/s", answer: "any" } as never,
      { type: "external", command: ["/bin/true", ""], user: "nobody" } as never,
    )
    for (const one of checks)
      expect(problems(director({ ...service(), check: { ...check, ...one } as never }))).toEqual([])
  })

  it("refuses a check of no known type, an expression that is none, and keys of other types", () => {
    const of = (more: object) =>
      problems({ ...full, services: [{ ...service(), check: { ...check, ...more } }] })
    expect(of({ type: "gopher" })[0]).toMatch(/^services\[0\]\.check\.type must be one of tcp, udp/)
    expect(of({ type: "tcp", path: "/" })).toEqual(["services[0].check.path is not known"])
    const regex = { source: "(", flags: "", absent: false }
    expect(of({ type: "http", path: "/", status: [200], regex })).toEqual([
      "services[0].check.regex.source must be a regular expression",
    ])
  })

  it("refuses what the kernel would refuse, and what would be there twice", () => {
    const servers = [
      server(1, { lowerThreshold: 5, upperThreshold: 3 }),
      server(1, { address: "::1" }),
      server(2),
      server(2),
    ]
    const twice = director(service({ servers }), service())
    expect(problems(twice)).toEqual([
      "tcp 192.0.2.10:80: real server 10.0.0.1:80 has a lower threshold above its upper one",
      "tcp 192.0.2.10:80: real server [::1]:80 is of another address family; only tun can do that",
      "tcp 192.0.2.10:80 is there twice",
      "tcp 192.0.2.10:80 real server 10.0.0.2:80 is there twice",
    ])
  })

  it("takes port 0, all ports, of a persistent service only", () => {
    const key = { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 0 } as const
    const servers = [server(1, { port: 0 })]
    const persistence = { timeoutSeconds: 300, prefixLength: 32 }
    expect(problems(director(service({ key, servers, persistence })))).toEqual([])
    expect(problems(director(service({ key, servers })))).toEqual([
      "tcp 192.0.2.10:0 is all ports, which needs persistence",
    ])
  })

  it("takes a service by firewall mark that matches something of its family, and no other", () => {
    expect(problems(director(marked()))).toEqual([])
    const { matches: _, ...empty } = marked()
    const key = { kind: "fwmark", fwmark: 12, family: 6 } as const
    const wrong = { address: "2001:db8::10", protocol: "tcp", first: 443, last: 80 } as const
    expect(problems(director(empty))).toEqual(["fwmark 12 matches nothing"])
    expect(problems(director(marked({ key, servers: [] })))).toEqual([
      "fwmark 12 inet6 matches another address family",
    ])
    expect(problems(director(marked({ key, servers: [], matches: [wrong] })))).toEqual([
      "fwmark 12 inet6 matches a range of ports that ends before it begins",
    ])
    expect(problems(director(service({ matches: [wrong] })))).toEqual([
      "tcp 192.0.2.10:80 is no firewall mark to match by",
    ])
    expect(problems(director(marked({ key: { ...key, family: 4, fwmark: 0x6c620000 } })))).toEqual([
      "fwmark 1818361856 is a mark of lbctl's own checks",
    ])
  })

  it("refuses an instance name that would leave the folder of tracked files", () => {
    const sync = [{ instance: "../../etc/passwd", interface: "eth0", id: 1 }]
    expect(problems({ ...full, connectionSync: sync })).toHaveLength(1)
  })
})
