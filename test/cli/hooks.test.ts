import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it, vi } from "vitest"
import { hookNames, hookOf, runAfter, runBefore, type HookName } from "../../src/cli/hooks.ts"
import { folder } from "./repository.ts"

/** A user's repository with these hooks. */
function withHooks(hooks: Readonly<Record<string, string>>, mode = 0o755) {
  const root = folder()
  mkdirSync(join(root, "hooks"))
  for (const [name, script] of Object.entries(hooks)) {
    const path = join(root, "hooks", name)
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, mode)
  }
  return { root, folder: "inventories/prod" }
}

const options = { enabled: true, timeoutMs: 20_000 }

async function run(
  script: string,
  { facts = {}, signal = new AbortController().signal, timeoutMs = 20_000 } = {},
) {
  const definition = withHooks({ "before-host": script })
  const said: string[] = []
  const hook = hookOf("before-host", definition, { enabled: true, timeoutMs })
  const failure = await hook?.(facts, (line) => said.push(line), signal).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { said, failure, root: definition.root }
}

describe("a hook", () => {
  it("reads JSON that says what happens, of what, and on whose behalf", async () => {
    const { root, failure } = await run("cat >got.json", { facts: { host: "rs1" } })
    expect(failure).toBeUndefined()
    expect(JSON.parse(readFileSync(join(root, "got.json"), "utf8"))).toEqual({
      format: 1,
      event: "before-host",
      inventory: "inventories/prod",
      operator: expect.stringMatching(/^\S+@\S+$/),
      host: "rs1",
    })
  })

  it("need not read it", async () => {
    const { failure } = await run("exec <&-; exit 0", { facts: { text: "x".repeat(1 << 20) } })
    expect(failure).toBeUndefined()
  })

  it("is heard on both outputs, line by line, and cannot drive the terminal", async () => {
    const { said } = await run("echo one; echo two >&2; printf '\\033[31mred\\n'")
    expect(said.toSorted()).toEqual([" [31mred", "one", "two"])
  })

  it("fails with its exit code, or the signal that killed it", async () => {
    expect((await run("exit 3")).failure).toMatchObject({
      code: "failed",
      message: "the hook before-host ended with 3",
    })
    expect((await run("kill -9 $$")).failure).toMatchObject({
      message: "the hook before-host was killed by SIGKILL",
    })
  })

  it("is ended with all it started when it takes too long", async () => {
    const { failure, root } = await run("(sleep 3; touch late) & echo on; sleep 3", {
      timeoutMs: 300,
    })
    expect(failure).toMatchObject({ code: "failed", message: expect.stringContaining("300ms") })
    await sleep(3500)
    expect(existsSync(join(root, "late"))).toBe(false)
  })

  it("is ended at once when the operator stops the rollout", async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    const began = performance.now()
    const { failure } = await run("sleep 10", { signal: stop.signal })
    expect(failure).toMatchObject({ code: "interrupted" })
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it("is over with its own end, whatever it leaves in the background", async () => {
    const { failure, said } = await run("echo done; sleep 20 &")
    expect(failure).toBeUndefined()
    expect(said).toEqual(["done"])
  })

  it("that is no program says what it needs", async () => {
    const definition = withHooks({})
    const path = join(definition.root, "hooks", "before-host")
    writeFileSync(path, "#!/no/such/shell\n", { mode: 0o755 })
    const hook = hookOf("before-host", definition, options)
    await expect(hook?.({}, () => undefined, new AbortController().signal)).rejects.toMatchObject({
      code: "failed",
      hint: expect.stringContaining("#!/bin/sh"),
    })
  })
})

describe("the folder of hooks", () => {
  const failure = (work: () => unknown) => {
    try {
      work()
    } catch (thrown) {
      return thrown
    }
    return undefined
  }

  it("need not be there", () => {
    const definition = { root: folder(), folder: "x" }
    expect(hookNames.map((name) => hookOf(name, definition, options))).toEqual(
      hookNames.map(() => undefined),
    )
  })

  it("is not looked at with --no-hooks", () => {
    const definition = withHooks({ "before-host": "exit 1" }, 0o644)
    expect(hookOf("before-host", definition, { ...options, enabled: false })).toBeUndefined()
  })

  it("holds executables: another file is refused with the cure", () => {
    const definition = withHooks({ "after-host": "exit 0" }, 0o644)
    expect(failure(() => hookOf("before-plan", definition, options))).toMatchObject({
      code: "input",
      hint: expect.stringMatching(/^chmod \+x .*after-host/),
    })
  })

  it.each(["before-aply", "before_apply", "before-apply.sh"])(
    "refuses %s, which would never run",
    (name) => {
      const definition = withHooks({ [name]: "exit 0" })
      expect(failure(() => hookOf("after-plan", definition, options))).toMatchObject({
        code: "input",
        hint: expect.stringContaining("did you mean before-apply?"),
      })
    },
  )

  it.each(["README.md", "lib.sh", "before-apply.sample", "before-apply~"])(
    "leaves %s alone",
    (name) => {
      const definition = withHooks({ [name]: "exit 0" })
      expect(failure(() => hookOf("after-plan", definition, options))).toBeUndefined()
    },
  )
})

describe("hooks around a plan and an apply", () => {
  const silently = async (work: Promise<void>) => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    try {
      await work
    } finally {
      vi.mocked(write).mockRestore()
    }
  }
  const names: readonly HookName[] = ["before-plan", "before-apply"]

  it.each(names)("stop it where %s fails", async (name) => {
    const definition = withHooks({ [name]: "exit 1" })
    await expect(
      silently(runBefore(name as "before-plan", definition, options)),
    ).rejects.toMatchObject({ code: "failed" })
  })

  it("only warn when one fails afterwards", async () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    await runAfter("after-apply", withHooks({ "after-apply": "echo hm; exit 1" }), options, {})
    const said = write.mock.calls.map(([text]) => text).join("")
    write.mockRestore()
    expect(said).toBe("after-apply: hm\nwarning: the hook after-apply ended with 1\n")
  })
})
