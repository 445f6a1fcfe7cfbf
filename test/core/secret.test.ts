import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { Secret } from "../../src/core/secret.ts"

describe("a secret", () => {
  const secret = new Secret("hunter2")

  it("is given away by reveal", () => {
    expect(secret.reveal()).toBe("hunter2")
  })

  it("is shown as (secret) by everything that prints", () => {
    const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 9 })]
    expect(shown.filter((text) => text.includes("hunter2"))).toEqual([])
    expect(shown.every((text) => text.includes("(secret)"))).toBe(true)
  })
})
