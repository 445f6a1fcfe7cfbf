import { describe, expect, it } from "vitest"
import { parseVlans } from "../../../src/agent/kernel/vlans.ts"

describe("parseVlans()", () => {
  it("reads /proc/net/vlan/config", () => {
    const text =
      "VLAN Dev name    | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\neth0.100       | 100  | eth0\nlb20           | 20  | bond0\n"
    expect(parseVlans(text)).toEqual([
      { id: 100, device: "eth0.100", parent: "eth0" },
      { id: 20, device: "lb20", parent: "bond0" },
    ])
    expect(parseVlans("")).toEqual([])
  })
})
