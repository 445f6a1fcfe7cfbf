import { describe, expect, it } from "vitest"
import { formatSize, parseSize } from "../../src/core/size.ts"

describe("sizes", () => {
  it.each([
    ["1B", 1],
    ["64KiB", 65_536],
    ["16MiB", 16_777_216],
    ["1025B", 1025],
  ])("%s are %d bytes, and the other way round", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
    expect(formatSize(bytes)).toBe(text)
  })

  it.each(["64", "64KB", "1.5MiB", "-1B", ""])("%j is none", (text) => {
    expect(parseSize(text)).toBeUndefined()
  })
})
