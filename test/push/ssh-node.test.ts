import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { doctorScript, nodeScript } from "../../src/cli/assets.ts"

import { sha256 } from "../../src/core/digest.ts"
import type { Bundle, FileResource } from "../../src/model/bundle.ts"
import type { Operation } from "../../src/model/plan.ts"
import type { Connector } from "../../src/push/connector.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Node } from "../../src/push/node.ts"
import { openRuntime } from "../../src/push/runtime-cache.ts"
import { openNode } from "../../src/push/ssh-node.ts"
import type { Transport } from "../../src/push/transport.ts"
import { observeRequest, observeScript } from "../../src/wire/observe-request.ts"
import type { Stage } from "../../src/wire/stage.ts"
import type { Sshd } from "./sshd.ts"
import { hasPrivateSshd, startSshd } from "./sshd.ts"

const script = nodeScript()
const scripts = {
  observeScript: observeScript(script),
  lockScript: readFileSync("src/node/lbctl-lock.sh", "utf8"),
  doctorScript: doctorScript(),
}
const silent = () => undefined
const path = "/opt/etc/app.conf"

/** The real node script behind a real sshd, on folders that are the login's alone. */
describe.skipIf(!hasPrivateSshd)("a node over SSH", () => {
  let sshd: Sshd
  let connector: Connector
  let node: Node
  let raw: Transport
  const cleanups: (() => void)[] = []
  let count = 0

  beforeAll(async () => {
    sshd = await startSshd(["/var/lib", "/opt", "/etc/systemd/system"])
  })
  afterAll(async () => {
    await sshd.stop()
  })
  beforeEach(async () => {
    connector = openConnector({ home: sshd.home, user: sshd.user, retryPausesMs: [] })
    node = openNode("web1", (once) => connector.connect(sshd.connection, { once }), scripts)
    raw = await connector.connect(sshd.connection)
    await sh(
      "rm -rf /var/lib/lbctl /run/lbctl /opt/*; mkdir -p /opt/etc; echo old >/opt/etc/app.conf",
    )
  })
  afterEach(() => {
    node.close()
    raw.close()
    for (const cleanup of cleanups.splice(0)) cleanup()
  })

  async function sh(command: string): Promise<string> {
    return (await raw.exec(command, { timeoutMs: 10_000 })).stdout
  }

  const file = (content: string, validate?: readonly string[]): FileResource => ({
    path,
    mode: "0644",
    owner: "root:root",
    content,
    notify: [],
    ...(validate === undefined ? {} : { validate }),
  })

  const bundle = (files: readonly FileResource[]): Bundle => ({
    host: "web1",
    id: sha256(JSON.stringify(files)),
    roles: [],
    modules: [],
    sysctls: [],
    linksUp: [],
    addresses: [],
    files,
    units: [],
    handlers: [],
    requires: [],
  })

  function stageOf(
    content: string,
    more: readonly Operation[] = [],
    validate?: readonly string[],
  ): Stage {
    const release = bundle([file(content, validate)])
    const write: Operation = {
      op: "file",
      path,
      sha256: sha256(content),
      mode: "0644",
      owner: "root:root",
      prior: sha256("old\n"),
    }
    const who = {
      by: "tester",
      from: "here",
      since: "2026-01-01T00:00:00Z",
      run: "run1",
      what: "apply",
    }
    return {
      bundle: release,
      operations: [write, ...more],
      changes: [],
      directors: [],
      keep: { count: 10, maxAgeMs: 86_400_000 },
      who,
      script,
    }
  }

  const transaction = () => `t${++count}`
  const options = { seconds: 20, operations: [], tell: silent }

  it("observes without leaving anything behind", async () => {
    const observed = await node.observe(observeRequest(bundle([file("new\n")])))
    expect(observed.host).toBe("web1")
    expect(observed.files[path]).toEqual({
      sha256: sha256("old\n"),
      mode: "0644",
      owner: "root:root",
      content: "old\n",
    })
    expect(await sh("ls /var/lib /run")).not.toContain("lbctl")
  })

  it("stages, activates, and keeps what is confirmed over a new connection", async () => {
    const id = transaction()
    const stage = stageOf("new\n")
    await node.stage(id, stage)
    expect(await sh(`cat ${path}`)).toBe("old\n")
    const activation = await node.activate(id, options)
    expect(await sh(`cat ${path}`)).toBe("new\n")
    expect(await node.confirm(id)).toBe("confirmed")
    activation.release()
    const observed = await node.observe(observeRequest(stage.bundle))
    expect(observed.release).toBe(stage.bundle.id)
    expect(observed.transaction).toBeUndefined()
    expect(await node.confirm(id)).toBe("confirmed")
  })

  it("shows the words of a check that refuses, with nothing touched", async () => {
    const stage = stageOf("new\n", [], ["sh", "-c", "echo line 3: unknown keyword >&2; exit 1"])
    await expect(node.stage(transaction(), stage)).rejects.toMatchObject({
      code: "failed",
      host: "web1",
      message: `${path} does not pass its check:\nline 3: unknown keyword`,
    })
    expect(await sh(`cat ${path}; ls /var/lib/lbctl/stage`)).toBe("old\n")
  })

  it("is back on the old release when an operation fails", async () => {
    const id = transaction()
    const broken: Operation = {
      op: "run",
      name: "reload",
      run: ["sh", "-c", "echo no such unit; exit 5"],
    }
    const stage = stageOf("new\n", [broken])
    await node.stage(id, stage)
    const { operations } = stage
    await expect(node.activate(id, { ...options, operations })).rejects.toMatchObject({
      code: "reverted",
      message: "the handler reload failed (sh -c 'echo no such unit; exit 5'): no such unit",
    })
    expect(await sh(`cat ${path}`)).toBe("old\n")
  })

  it("takes an activation back on request", async () => {
    const id = transaction()
    await node.stage(id, stageOf("new\n"))
    await node.activate(id, options)
    expect(await node.revert(id)).toBe("reverted")
    expect(await sh(`cat ${path}`)).toBe("old\n")
    expect(await node.confirm(id)).toBe("gone")
  })

  it("refuses a plan that another change has overtaken", async () => {
    const id = transaction()
    await node.stage(id, stageOf("new\n"))
    await sh(`echo other >${path}`)
    await expect(node.activate(id, options)).rejects.toMatchObject({
      code: "stale",
      message: expect.stringContaining(path),
    })
    expect(await sh(`cat ${path}`)).toBe("other\n")
  })

  it("tells who is at work when another run holds the host", async () => {
    const first = transaction()
    await node.stage(first, stageOf("new\n"))
    await node.activate(first, options)
    const other = openNode("web1", (once) => connector.connect(sshd.connection, { once }), scripts)
    cleanups.push(() => other.close())
    const second = transaction()
    await other.stage(second, stageOf("newer\n"))
    await expect(other.activate(second, options)).rejects.toMatchObject({
      code: "locked",
      message: "locked by tester on here since 2026-01-01T00:00:00Z",
    })
    await other.discard(second)
    await node.revert(first)
  })

  it("reverts by itself when its controller goes away, and a later run says so", async () => {
    const id = transaction()
    await node.stage(id, stageOf("new\n"))
    await node.activate(id, { ...options, seconds: 1 })
    node.close()
    await expect.poll(() => sh(`cat ${path}`), { timeout: 8000 }).toBe("old\n")
    await expect
      .poll(async () => (await node.observe(observeRequest(bundle([])))).lastResult, {
        timeout: 5000,
      })
      .toContain("not confirmed within 1 s")
    expect(await node.revert(id)).toBe("reverted")
  })

  it("brings an agent whole or not at all, and once", async () => {
    const files = [
      { path: "lbagent", content: '#!/bin/sh\necho "agent $*"\n' },
      { path: "native/koffi.node", content: new Uint8Array([0, 1, 2, 255]) },
    ]
    const agent = { id: "a".repeat(12), files, executables: ["lbagent"] }
    await node.installAgent(agent)
    await node.installAgent(agent)
    expect(await sh(`cd /opt/lbctl/agent; ls -A; stat -c %a ${agent.id} ${agent.id}/lbagent`)).toBe(
      `${agent.id}\n755\n755\n`,
    )
    expect(await node.agent(agent.id, ["drained", "tcp 192.0.2.10:80"], 5000)).toMatchObject({
      code: 0,
      stdout: "agent drained tcp 192.0.2.10:80\n",
    })
  })

  it("keeps the agent that runs beside a new one, no older, and nothing that was cut off a day ago", async () => {
    const files = [{ path: "lbagent", content: "#!/bin/sh\n" }]
    await sh(
      "mkdir -p /opt/lbctl/agent/old /opt/lbctl/agent/running /opt/lbctl/agent/.cut /opt/lbctl/agent/.now; " +
        "touch -d '3 days ago' /opt/lbctl/agent/.cut; " +
        "echo ExecStart=/opt/lbctl/agent/running/lbagent daemon >/etc/systemd/system/lbagent.service",
    )
    await node.installAgent({ id: "new", files, executables: ["lbagent"] })
    const left = await sh("rm /etc/systemd/system/lbagent.service; ls -A /opt/lbctl/agent")
    expect(left.split("\n").filter((name) => name !== "")).toEqual([".now", "new", "running"])
  })

  describe("given a Node runtime", () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "lbctl-runtime-"))
      cleanups.push(() => rmSync(folder, { recursive: true }))
    })

    const runtimeOf = (content: string) => {
      const source = join(folder, "node")
      writeFileSync(source, content)
      return openRuntime(source, { arch: "x64", libc: "glibc" }, join(folder, "cache"))
    }
    const facts = { arch: "x86_64", libc: "glibc" }

    it("installs it under its digest and makes it the current one", async () => {
      const content = "#!/bin/sh\necho v22.1.0\n"
      const said: string[] = []
      await node.installRuntime(runtimeOf(content), facts, (detail) => said.push(detail))
      const digest = createHash("sha256").update(content).digest("hex")
      expect(await sh("readlink /opt/lbctl/runtime/current; /opt/lbctl/runtime/current/node")).toBe(
        `${digest}\nv22.1.0\n`,
      )
      expect(await sh("ls -A /opt/lbctl/runtime")).toBe(`${digest}\ncurrent\n`)
      expect(said.at(-1)).toContain("Node runtime")
    })

    it("leaves no trace of one that does not run there", async () => {
      const failure = node.installRuntime(
        runtimeOf("#!/bin/sh\necho GLIBC_2.28 not found >&2; exit 1\n"),
        facts,
        silent,
      )
      await expect(failure).rejects.toMatchObject({
        code: "failed",
        message: expect.stringContaining("GLIBC_2.28 not found"),
      })
      expect(await sh("ls -A /opt/lbctl/runtime")).toBe("")
    })

    it("is refused to a host of another kind before anything is sent", async () => {
      const runtime = runtimeOf("x")
      for (const other of [
        { ...facts, arch: "riscv64" },
        { ...facts, libc: "musl" },
      ]) {
        await expect(node.installRuntime(runtime, other, silent)).rejects.toMatchObject({
          message: expect.stringContaining("no Node runtime for"),
          hint: expect.stringContaining("Node.js 20"),
        })
      }
    })
  })
})
