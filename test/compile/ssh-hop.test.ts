import { describe, expect, it } from "vitest"

import { parseHop } from "../../src/compile/ssh-hop.ts"

describe("parseHop", () => {
  it.each([
    ["bastion", { address: "bastion" }],
    ["ops@bastion:2222", { user: "ops", address: "bastion", port: 2222 }],
    ["ops@[2001:db8::1]:2222", { user: "ops", address: "2001:db8::1", port: 2222 }],
    ["ssh://ops@10.0.0.1", { user: "ops", address: "10.0.0.1" }],
  ])("reads %s", (text, hop) => expect(parseHop(text)).toEqual(hop))

  it.each(["", "-oX", "host:0", "host:65536", "@host", "host:", "host:x", "2001:db8::1"])(
    "refuses %j",
    (text) => expect(parseHop(text)).toBeUndefined(),
  )
})
