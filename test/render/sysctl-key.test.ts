import { describe, expect, it } from "vitest"
import { sysctlKey } from "../../src/render/sysctl-key.ts"

describe("a sysctl's key", () => {
  it.each([
    ["net.ipv4.ip_forward", "net.ipv4.ip_forward", "net/ipv4/ip_forward"],
    ["net/ipv4/ip_forward", "net.ipv4.ip_forward", "net/ipv4/ip_forward"],
    [
      "net/ipv4/conf/eth0.100/rp_filter",
      "net/ipv4/conf/eth0.100/rp_filter",
      "net/ipv4/conf/eth0.100/rp_filter",
    ],
    [
      "net.ipv4.conf.eth0/100.rp_filter",
      "net/ipv4/conf/eth0.100/rp_filter",
      "net/ipv4/conf/eth0.100/rp_filter",
    ],
  ])("%s has one spelling", (text, key, path) => {
    expect(sysctlKey(text)).toEqual({ key, path })
  })

  it.each(["", "kernel", "/net/ipv4", "net..ipv4", "net/../etc", "net/ipv4/x y", "net.ipv4."])(
    "%j is none",
    (text) => {
      expect(sysctlKey(text)).toBeUndefined()
    },
  )
})
