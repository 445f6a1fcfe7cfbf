import { describe, expect, it } from "vitest"
import { canonicalJson, sha256 } from "../../src/core/digest.ts"

describe("canonicalJson()", () => {
  it("does not depend on the order of keys, and leaves out what is undefined", () => {
    expect(canonicalJson({ b: 1, a: [{ d: 2, c: undefined }] })).toBe('{"a":[{"d":2}],"b":1}')
  })
  it("keeps every key, whatever it is called", () => {
    expect(canonicalJson(JSON.parse('{"b":{"__proto__":1},"__proto__":2}'))).toBe(
      '{"__proto__":2,"b":{"__proto__":1}}',
    )
  })
  it("indents on demand", () => {
    expect(canonicalJson({ b: [1], a: {} }, 1)).toBe('{\n "a": {},\n "b": [\n  1\n ]\n}')
  })
})

describe("sha256()", () => {
  it("is the standard's digest of the empty text", () => {
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  })
})
