import { createHmac } from "node:crypto"

import fc from "fast-check"
import { describe, expect, it } from "vitest"

import {
  entriesFor,
  fingerprint,
  indexKnownHosts,
  judgeHostKey,
  knownHostsName,
  knownTypes,
  parseKnownHosts,
} from "../../src/push/known-hosts.ts"

const judge = (text: string, host: string, key: string, port = 22) =>
  judgeHostKey(
    entriesFor(indexKnownHosts(parseKnownHosts(text, "kh")), knownHostsName(host, port)),
    key,
  ).verdict

describe("known_hosts", () => {
  it.each([
    ["web1 ssh-ed25519 A", "web1", 22, "known"],
    ["WEB1,10.0.0.1 ssh-ed25519 A comment here", "10.0.0.1", 22, "known"],
    ["web1 ssh-ed25519 A", "WEB1", 22, "known"],
    ["web1 ssh-ed25519 B", "web1", 22, "changed"],
    ["web1 ssh-ed25519 B\nweb1 ssh-rsa A", "web1", 22, "known"],
    ["web1 ssh-ed25519 A", "web2", 22, "unknown"],
    ["web1 ssh-ed25519 A", "web1", 2222, "unknown"],
    ["[web1]:2222 ssh-ed25519 A", "web1", 2222, "known"],
    ["[web1]:2222 ssh-ed25519 A", "web1", 22, "unknown"],
    ["[2001:db8::1]:2222 ssh-ed25519 A", "2001:db8::1", 2222, "known"],
    ["2001:db8::1 ssh-ed25519 A", "2001:db8::1", 22, "known"],
    ["web* ssh-ed25519 A", "web77", 22, "known"],
    ["web? ssh-ed25519 A", "web77", 22, "unknown"],
    ["*,!web1 ssh-ed25519 A", "web1", 22, "unknown"],
    ["*,!web1 ssh-ed25519 A", "web2", 22, "known"],
    ["!web1,web1 ssh-ed25519 A", "web1", 22, "unknown"],
    ["web.1 ssh-ed25519 A", "webx1", 22, "unknown"],
    ["@revoked web1 ssh-ed25519 A\nweb1 ssh-ed25519 A", "web1", 22, "revoked"],
    ["@revoked web1 ssh-ed25519 B\nweb1 ssh-ed25519 A", "web1", 22, "known"],
    ["@cert-authority *.example ssh-ed25519 C", "a.example", 22, "authority"],
    ["@cert-authority * ssh-ed25519 C\nweb1 ssh-ed25519 A", "web1", 22, "known"],
    ["@unheard-of web1 ssh-ed25519 A", "web1", 22, "unknown"],
    ["# web1 ssh-ed25519 A\n\nweb1 ssh-ed25519", "web1", 22, "unknown"],
    ["web1\tssh-ed25519\tA\r", "web1", 22, "known"],
  ])("%j makes key A of %s port %i %s", (text, host, port, verdict) => {
    expect(judge(text, host, "A", port)).toBe(verdict)
  })

  it("finds hashed names, each by its own salt", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.domain(), (salt, host) => {
        const hash = createHmac("sha1", salt).update(host.toLowerCase()).digest("base64")
        const line = `|1|${Buffer.from(salt).toString("base64")}|${hash} ssh-ed25519 A`
        expect(judge(line, host, "A")).toBe("known")
        expect(judge(line, `x${host}`, "A")).toBe("unknown")
      }),
      { numRuns: 50 },
    )
  })

  it("never throws, whatever the file holds", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, host) => {
        expect(["known", "unknown", "changed", "revoked", "authority"]).toContain(
          judge(text, host, "A"),
        )
      }),
    )
  })

  it("gives the line of a changed key and the types to ask for", () => {
    const lines = entriesFor(
      indexKnownHosts(parseKnownHosts("# x\nweb1 ssh-rsa B\nweb1 ecdsa-sha2-nistp256 C\n", "kh")),
      "web1",
    )
    expect(judgeHostKey(lines, "A")).toMatchObject({ entry: { file: "kh", line: 2 } })
    expect(knownTypes(lines)).toEqual(["ssh-rsa", "ecdsa-sha2-nistp256"])
  })

  it("prints fingerprints as ssh-keygen does", () => {
    expect(fingerprint(Buffer.from("abc"))).toBe(
      "SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",
    )
  })
})
