import { spawn } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasPrivateSshd, startSshd, type Sshd } from "../push/sshd.ts"
import { appHosts, repository } from "./repository.ts"
import { lbctl, type Ended } from "./run.ts"

const role = `description: One file.
applies_to: { groups: [app] }
files: [{ path: /opt/app.conf, content: "of {{host}}\\n" }]
`

describe.skipIf(!hasPrivateSshd)("an apply to a host that a person has locked", () => {
  let sshd: Sshd
  let cwd = ""

  beforeAll(async () => {
    sshd = await startSshd(["/var/lib", "/opt", "/run"])
  })
  afterAll(async () => {
    await sshd.stop()
  })

  const run = (...args: string[]): Promise<Ended> =>
    lbctl([...args, "--limit", "app"], { cwd, env: { HOME: sshd.home } })

  it("is refused at once, waits as long as it was told to, and goes on when the lock is lifted", async () => {
    cwd = repository({ "inventories/prod/hosts.yml": appHosts(sshd), "roles/app/role.yml": role })
    expect(await run("lock", "acquire", "-m", "until noon")).toMatchObject({ code: 0 })

    const refused = await run("apply", "--yes")
    expect(refused).toMatchObject({ code: 6 })
    expect(refused.stderr).toContain("until noon")
    const late = await run("apply", "--yes", "--lock-wait", "1s")
    expect(late).toMatchObject({ code: 6 })
    expect(late.stderr).toMatch(/^waiting for app1, locked by .*until noon.*; 1s at most$/m)
    expect((await run("plan")).stdout).toContain("+ file /opt/app.conf")

    const waiting = spawn(
      process.execPath,
      [resolve("bin/lbctl.js"), "apply", "--yes", "--lock-wait", "55s", "--limit", "app"],
      { cwd, env: { PATH: process.env["PATH"] ?? "", HOME: sshd.home } },
    )
    let told = ""
    waiting.stdout.resume()
    waiting.stdin.end()
    for await (const piece of waiting.stderr) {
      told += String(piece)
      if (told.includes("; 55s at most")) break
    }
    const ended = once(waiting, "exit")
    waiting.stderr.resume()
    expect(await run("lock", "release")).toMatchObject({ code: 0 })
    expect(await ended).toEqual([0, null])
    expect((await run("plan")).stdout).toMatch(/^No changes\./)
  })
})
