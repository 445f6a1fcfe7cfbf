import { describe, expect, it } from "vitest"
import { ambiguity } from "../../src/load/yaml-scalar.ts"

describe("ambiguity", () => {
  const refused = [
    ["yes", "true", "text"],
    ["Off", "false", "text"],
    ["010", "8", "10"],
    ["-017", "-15", "-17"],
    ["089", "text", "89"],
    ["00", "0", "0"],
    ["1_000", "1000", "text"],
    ["1_0.5", "10.5", "text"],
    ["12:30", "750", "text"],
    ["12:30:45", "45045", "text"],
    ["-1:30", "-90", "text"],
    ["1:30.5", "90.5", "text"],
    ["0b101", "5", "text"],
    ["0o10", "text", "8"],
    ["-0x1f", "-31", "text"],
    ["0x_f", "15", "text"],
    ["1e3", "text", "1000"],
    ["1.5e3", "text", "1500"],
    ["-.5", "text", "-0.5"],
  ] as const
  it.each(refused)("refuses %s: %s before, %s now", (text, old, now) => {
    const found = ambiguity(text)
    expect(found?.message).toBe(
      `${text} is ${old} in YAML 1.1, which Ansible reads, and ${now} in YAML 1.2`,
    )
    expect(found?.hint).toContain(`"${text}"`)
  })

  it.each(["y", "Y", "n", "N"])("refuses %s, a boolean by the YAML 1.1 specification", (text) => {
    expect(ambiguity(text)?.message).toContain("in YAML 1.1 and text in YAML 1.2")
  })

  it("offers every value that may be meant", () => {
    expect(ambiguity("010")?.hint).toBe('quote it to mean the text: "010"; or write 8; or write 10')
    expect(ambiguity("1e30")?.hint).toBe('quote it to mean the text: "1e30"')
    expect(ambiguity("no")?.hint).toBe('quote it to mean the text: "no"; or write false')
  })

  it.each(
    [
      "true false null ~ True NULL 0 -1 +12 80 1.5 5. .5 1.5e+3 0x1F .inf yEs oN yesterday",
      "10.0.0.1 2001:db8::10 80/tcp 6s 2024-01-02 1:99 02:30 8080:80 rs01 web_1 - -- <<",
    ].flatMap((line) => line.split(" ")),
  )("lets %s pass: both readings agree", (text) => {
    expect(ambiguity(text)).toBeUndefined()
  })
})
