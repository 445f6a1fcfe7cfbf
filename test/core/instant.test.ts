import { describe, expect, it } from "vitest"
import { instantOf, later } from "../../src/core/instant.ts"

describe("an instant", () => {
  it("is ISO 8601 in UTC with milliseconds, so that later ones sort behind as text", () => {
    expect(instantOf(0)).toBe("1970-01-01T00:00:00.000Z")
    expect(later("2026-02-28T23:59:59.999Z", 1)).toBe("2026-03-01T00:00:00.000Z")
    expect(later("2026-03-01T00:00:00.000Z", -1)).toBe("2026-02-28T23:59:59.999Z")
  })
})
