import { describe, expect, it } from "vitest"
import { isProgramPath } from "../../src/core/program-path.ts"

describe("isProgramPath", () => {
  it.each(["/bin/true", "/opt/my-checks/50%_a+b,c=d@e:f.sh"])("takes %s", (path) => {
    expect(isProgramPath(path)).toBe(true)
  })

  it.each([
    "",
    "/",
    "true",
    "bin/true",
    "/bin/a b",
    "/bin/$HOME",
    "/bin/a;b",
    "/bin/a\n",
    "/bin/'a'",
  ])("refuses %j", (path) => {
    expect(isProgramPath(path)).toBe(false)
  })
})
