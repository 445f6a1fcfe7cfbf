import { describe, expect, it } from "vitest"
import { indent, nearest, plural, shortened, table } from "../../src/core/text.ts"

describe("table()", () => {
  it("pads all columns but the last", () => {
    expect(
      table([
        ["HOST", "STATE"],
        ["lb1", "MASTER"],
        ["director2", "BACKUP"],
      ]),
    ).toBe("HOST       STATE\nlb1        MASTER\ndirector2  BACKUP")
  })
})

describe("nearest()", () => {
  it("finds a typing error and refuses a different word", () => {
    expect(nearest("schedular", ["scheduler", "service"])).toBe("scheduler")
    expect(nearest("vips", ["vip", "ports"])).toBe("vip")
    expect(nearest("wcl", ["rr", "wlc"])).toBe("wlc")
    expect(nearest("colour", ["vip", "ports"])).toBeUndefined()
  })
})

describe("plural()", () => {
  it("counts", () => {
    expect([plural(1, "host"), plural(2, "host"), plural(2, "address", "addresses")]).toEqual([
      "1 host",
      "2 hosts",
      "2 addresses",
    ])
  })
})

describe("indent()", () => {
  it("leaves empty lines empty", () => {
    expect(indent("a\n\nb", 2)).toBe("  a\n\n  b")
  })
})

describe("shortened()", () => {
  it("leaves what is short enough, and tells that something is cut", () => {
    expect([shortened("abcde", 5), shortened("abcdef", 5)]).toEqual(["abcde", "ab..."])
  })
})
