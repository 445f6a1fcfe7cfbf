import { describe, expect, it } from "vitest"
import { expiryOption } from "../../src/cli/expiry.ts"

const now = Date.parse("2026-01-31T12:00:00.000Z")

describe("the end of an override", () => {
  it("is none unless one is given", () => {
    expect(expiryOption({}, now)).toBeUndefined()
  })

  it.each([
    [{ for: "2h" }, "2026-01-31T14:00:00.000Z"],
    [{ until: "2026-02-01T06:30Z" }, "2026-02-01T06:30:00.000Z"],
    [{ until: "2026-02-01 06:30:05+09:00" }, "2026-01-31T21:30:05.000Z"],
  ])("%j is %s", (options, end) => {
    expect(expiryOption(options, now)).toBe(end)
  })

  it("is the next such moment of this machine's clock for a time without a day", () => {
    for (const until of ["00:00", "11:59", "12:00", "23:59"]) {
      const end = new Date(expiryOption({ until }, now) ?? "")
      expect(end.toTimeString().slice(0, 5)).toBe(until)
      expect(end.getTime() - now).toBeGreaterThan(0)
      expect(end.getTime() - now).toBeLessThanOrEqual(25 * 3_600_000)
    }
  })

  it.each([
    [{ for: "2" }, "--for 2: not a duration"],
    [{ until: "tomorrow" }, "--until tomorrow: not a time"],
    [{ until: "2026-02-31T25:00" }, "--until 2026-02-31T25:00: not a time"],
    [{ until: "2026-01-31T11:00Z" }, "--until 2026-01-31T11:00Z is not in the future"],
    [{ for: "0s" }, "--for 0s is not in the future"],
    [{ for: "400d" }, "--for 400d is too far"],
    [{ for: "1h", until: "18:00" }, "--for and --until are two ways to say one thing"],
  ])("%j is refused", (options, words) => {
    expect(() => expiryOption(options, now)).toThrow(words)
  })
})
