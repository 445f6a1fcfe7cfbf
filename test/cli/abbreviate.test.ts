import { describe, expect, it } from "vitest"
import { unabbreviated } from "../../src/cli/abbreviate.ts"
import { commands } from "../../src/cli/grammar/commands.ts"

function full(line: string): string {
  return unabbreviated(line.split(" "), commands).join(" ")
}

describe("unabbreviated()", () => {
  it("completes show and its subjects", () => {
    expect(full("sh vs web")).toBe("show vservers web")
    expect(full("-q show back -l rs1")).toBe("-q show backends -l rs1")
    expect(full("show vserver web")).toBe("show vservers web")
    expect(full("show node lb1")).toBe("show nodes lb1")
  })

  it("names the choices where there are several", () => {
    expect(() => full("show v")).toThrow("show v could be several things")
  })

  it("shortens nothing that changes a fleet, and leaves the rest to the parser", () => {
    for (const line of ["app inventories/prod", "dr rs1", "show --help", "show nothing", "--help"])
      expect(full(line)).toBe(line)
  })
})
