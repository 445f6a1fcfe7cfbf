import { chmodSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

function withHook(name: string, script: string, mode = 0o755): string {
  const cwd = repository({ [`hooks/${name}`]: `#!/bin/sh\n${script}\n` })
  chmodSync(join(cwd, "hooks", name), mode)
  return cwd
}

describe("a command with hooks", () => {
  it.each(["plan", "apply --yes"])(
    "ends before any host is contacted when before-plan fails: %s",
    async (line) => {
      const cwd = withHook("before-plan", "echo a freeze until Monday; exit 1")
      const { code, stdout, stderr } = await lbctl([...line.split(" "), "inventories/prod"], {
        cwd,
      })
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toBe(
        "before-plan: a freeze until Monday\n" +
          "lbctl: the hook before-plan ended with 1\n" +
          "    its own words stand above; to go on without hooks: --no-hooks\n",
      )
    },
  )

  it("is bad input where a hook is not executable", async () => {
    const cwd = withHook("after-apply", "exit 0", 0o644)
    const { code, stderr } = await lbctl(["plan", "inventories/prod"], { cwd })
    expect(code).toBe(3)
    expect(stderr).toMatch(/the hook \S+after-apply is not executable\n +chmod \+x /)
  })

  it("refuses a time that is none", async () => {
    const cwd = repository()
    const { code, stderr } = await lbctl(["plan", "inventories/prod", "--hook-timeout", "soon"], {
      cwd,
    })
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("60s, 5m") })
  })
})
