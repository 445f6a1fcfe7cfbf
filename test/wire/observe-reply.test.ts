import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseObserveReply } from "../../src/wire/observe-reply.ts"

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64")
const digest = "a".repeat(64)

describe("parseObserveReply", () => {
  it("reads every record", () => {
    const lines = [
      "fact kernel 6.1.0",
      "link eth0 02:00:00:00:00:01 up 1500",
      "link tun0 - down 1480",
      "address eth0 2001:DB8::1/64",
      "address ppp0 192.0.2.1",
      `release ${digest}`,
      "owned file /etc/motd x 0644 root:root",
      "owned address lo 192.0.2.10/32",
      "owned agent abc",
      `transaction t1 ${digest} abandoned 2026-01-02T03:04:05Z Ada O'Neil`,
      "last release x by y: reverted",
      `file ${digest} 644 root:root /etc/motd`,
      `content /etc/motd ${base64("é\n")}`,
      `file ${digest} 4755 root:root /bin/x`,
      `content /bin/x ${base64(Uint8Array.of(0xff, 0xfe))}`,
      "file - - - /etc/none",
      "sysctl net.a 1 2",
      "no-sysctl net.b",
      "module ip_vs loaded",
      "unit a.service yes no yes",
      "command keepalived no",
      "agent abc",
      "runtime /usr/bin/node",
      "end",
      "",
    ]
    expect(parseObserveReply("rs1", lines.join("\n"))).toEqual({
      ok: true,
      value: {
        host: "rs1",
        facts: { kernel: "6.1.0" },
        links: [
          { name: "eth0", mac: "02:00:00:00:00:01", up: true, mtu: 1500 },
          { name: "tun0", mac: "", up: false, mtu: 1480 },
        ],
        addresses: [
          { device: "eth0", address: "2001:db8::1", prefix: 64 },
          { device: "ppp0", address: "192.0.2.1", prefix: 32 },
        ],
        files: {
          "/etc/motd": { sha256: digest, mode: "0644", owner: "root:root", content: "é\n" },
          "/bin/x": { sha256: digest, mode: "4755", owner: "root:root" },
          "/etc/none": {},
        },
        sysctls: { "net.a": "1 2", "net.b": undefined },
        modules: { ip_vs: "loaded" },
        units: { "a.service": { exists: true, enabled: false, running: true } },
        commands: { keepalived: false },
        agents: ["abc"],
        runtime: "/usr/bin/node",
        release: digest,
        owned: {
          files: ["/etc/motd"],
          sysctls: [],
          addresses: [{ device: "lo", address: "192.0.2.10", prefix: 32 }],
          units: [],
          linksUp: [],
        },
        transaction: {
          id: "t1",
          release: digest,
          state: "abandoned",
          since: "2026-01-02T03:04:05Z",
          by: "Ada O'Neil",
        },
        lastResult: "release x by y: reverted",
      },
    })
  })

  it.each([
    ["fact kernel x\n", "cut off after: fact kernel x"],
    ["", "cut off after: (nothing)"],
    ["Welcome to rs1!\nend\n", "not understood in the host's answer: Welcome to rs1!"],
    ["link eth0 - sideways 1500\nend\n", "not understood"],
    ["content /etc/x AAAA\nend\n", "not understood"],
    ["agent-status {}\nend\n", "not understood"],
    ["agent-status {\nend\n", "not understood"],
    [`table ${base64("a\nb\nc\nnonsense\n")}\nend\n`, "/proc/net/ip_vs: nonsense"],
    ["owned nonsense\nend\n", "not a line of a manifest"],
    ["unreadable /etc/shadow\nend\n", "may not read /etc/shadow"],
  ])("refuses %j and says what is wrong", (text, message) => {
    const reply = parseObserveReply("rs1", text)
    expect(reply).toMatchObject({ ok: false })
    expect(reply).toHaveProperty("error.message", expect.stringContaining(message))
  })

  it("never throws, whatever a host sends", () => {
    const names = ["fact", "link", "address", "file", "content", "owned", "table", "agent-status"]
    const line = fc
      .tuple(fc.constantFrom(...names), fc.array(fc.string()))
      .map(([name, words]) => [name, ...words].join(" "))
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        parseObserveReply("rs1", [...lines, "end", ""].join("\n"))
      }),
    )
  })
})
