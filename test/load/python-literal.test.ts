import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readPythonLiteral } from "../../src/load/python-literal.ts"

describe("a value of an INI inventory", () => {
  it.each<[string, unknown]>([
    ["100", 100],
    ["-5", -5],
    ["+5", 5],
    ["- 5", -5],
    ["00", 0],
    ["1_000", 1000],
    ["0x1F", 31],
    ["0o17", 15],
    ["0b101", 5],
    ["1.5", 1.5],
    [".5", 0.5],
    ["1.", 1],
    ["1e3", 1000],
    ["2E-2", 0.02],
    ["True", true],
    ["False", false],
    ["None", null],
    ["'a b'", "a b"],
    ['"with quotes"', "with quotes"],
    ["\"a\" 'b'", "ab"],
    ["'''a'b'''", "a'b"],
    ["'\\x41\\t\\u00e9\\101\\d'", "A\té\u0041\\d"],
    ["r'\\d'", "\\d"],
    ["u'x'", "x"],
    ["[1, 'a', [True]]", [1, "a", [true]]],
    ["[1,]", [1]],
    ["[]", []],
    ["()", []],
    ["(1)", 1],
    ["(1,)", [1]],
    ["1, 2", [1, 2]],
    ["{'a': 1, 2: {'b': None}}", { a: 1, 2: { b: null } }],
    ["{}", {}],
    ["1 # a comment", 1],
    ["  7", 7],
  ])("%s is a literal", (text, value) => {
    expect(readPythonLiteral(text)).toEqual({ kind: "value", value })
  })

  it.each([
    "",
    "abc",
    "true",
    "none",
    "012",
    "10.0.0.1",
    "2024-10-12",
    "1+1",
    "--5",
    "1_",
    "0x",
    "5m",
    "1 2",
    "a, b",
    "[1, a]",
    "[1 2]",
    "[,]",
    "{'a'}x",
    "{{ 'a' | upper }}",
    "5j x",
    "b'x' y",
    "'open",
    "'a' b",
    "'\\x4'",
    "f'x'",
    "#abc",
    "-o ProxyJump=bastion",
    "2001:db8::1",
    "a=b",
    "(".repeat(300) + ")".repeat(300),
  ])("%s is text", (text) => {
    expect(readPythonLiteral(text)).toEqual({ kind: "text" })
  })

  it.each([
    ["{1, 2}", "a set"],
    ["b'x'", "a bytes literal"],
    ["5j", "a complex number"],
    ["9007199254740993", "a number too large to be exact"],
    ["'\\N{BULLET}'", "a character by its Unicode name"],
    ["{(1, 2): 3}", "a mapping whose keys are lists"],
  ])("%s is %s, which JSON does not have", (text, what) => {
    expect(readPythonLiteral(text)).toEqual({ kind: "foreign", what })
  })

  // By way of JSON, which has no negative zero.
  it("comes back from JSON without true, false and null", () => {
    const values = fc
      .jsonValue({ maxDepth: 3 })
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
      .filter((value) => {
        return !/true|false|null|-0|\\u|\/|__proto__/.test(JSON.stringify(value))
      })
    fc.assert(
      fc.property(values, (value) => {
        const text = JSON.stringify(value)
        fc.pre(!/\d{16}|e\+?\d{2}/.test(text))
        expect(readPythonLiteral(text)).toEqual({ kind: "value", value })
      }),
    )
  })
})
