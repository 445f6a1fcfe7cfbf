import { describe, expect, it } from "vitest"

import { hostKeyOrder } from "../../src/push/ssh-algorithms.ts"

describe("hostKeyOrder", () => {
  it("asks first for the types by which the host is known, RSA by its SHA-2 signatures", () => {
    expect(hostKeyOrder(["ssh-rsa"]).slice(0, 2)).toEqual(["rsa-sha2-512", "rsa-sha2-256"])
    expect(hostKeyOrder(["ecdsa-sha2-nistp256"])[0]).toBe("ecdsa-sha2-nistp256")
  })

  it("still names every type, so that an unknown or changed key can be shown", () => {
    expect(new Set(hostKeyOrder(["ssh-rsa"]))).toEqual(new Set(hostKeyOrder([])))
  })
})
