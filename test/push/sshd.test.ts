import { spawn, spawnSync } from "node:child_process"
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

import type { Failure } from "../../src/core/failure.ts"
import type { Connection } from "../../src/model/fleet.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Connector, ConnectorOptions } from "../../src/push/connector.ts"
import type { Transport } from "../../src/push/transport.ts"
import type { Sshd } from "./sshd.ts"
import { hasSshd, keygen, startSshd } from "./sshd.ts"

const wait = { timeoutMs: 10_000 }

describe.skipIf(!hasSshd)("logins of the built-in client", () => {
  let sshd: Sshd
  let connector: Connector
  const open: Transport[] = []

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
  })
  beforeEach(() => {
    connector = make()
    return () => {
      for (const transport of open.splice(0)) transport.close()
      connector.close()
    }
  })

  function make(options: Partial<ConnectorOptions> = {}): Connector {
    return openConnector({ home: sshd.home, user: sshd.user, retryPausesMs: [], ...options })
  }

  async function connect(change: Partial<Connection> = {}, by = connector): Promise<Transport> {
    const transport = await by.connect({ ...sshd.connection, ...change })
    open.push(transport)
    return transport
  }

  async function refusal(change: Partial<Connection> = {}, by = connector): Promise<Failure> {
    return connect(change, by).then(
      () => expect.unreachable("the connection was made"),
      (failure: Failure) => failure,
    )
  }

  it("logs in by one request, and has no further host keys proved", async () => {
    const logFile = join(sshd.folder, "log")
    const before = readFileSync(logFile, "utf8").length
    const transport = await connect()
    await transport.exec("true", wait)
    const log = readFileSync(logFile, "utf8").slice(before)
    expect(log).toContain("Accepted publickey")
    expect(log).not.toContain("Postponed publickey")
    expect(log).not.toContain("hostkeys-prove")
  })

  describe("host keys", () => {
    const name = () => `[127.0.0.1]:${sshd.port}`

    it.each([
      ["a plain line", () => `${name()} ${sshd.hostKey}`],
      ["one of several names", () => `other,${name()} ${sshd.hostKey}`],
      ["a wildcard", () => `[127.0.0.*]:* ${sshd.hostKey}`],
    ])("accepts %s", async (_, line) => {
      sshd.know(`# comment\n${line()}\n`)
      expect((await (await connect()).exec("true", wait)).code).toBe(0)
    })

    it("accepts lines that ssh-keygen -H has hashed", async () => {
      const file = join(sshd.folder, "hashed")
      writeFileSync(file, `other ${sshd.hostKey}\n${name()} ${sshd.hostKey}\n`)
      spawnSync("ssh-keygen", ["-H", "-f", file])
      expect(readFileSync(file, "utf8")).not.toContain("127.0.0.1")
      sshd.know("")
      const transport = await connect({ knownHostsFiles: [file] })
      expect((await transport.exec("true", wait)).code).toBe(0)
    })

    it("sends who trusts a certificate authority to the system's ssh", async () => {
      sshd.know(`@cert-authority * ${sshd.hostKey}\n`)
      const failure = await refusal()
      expect(failure.message).toContain("certificate authority")
      expect(failure.hint).toContain("--transport ssh")
    })
  })

  describe("logins", () => {
    beforeEach(() => sshd.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`))

    it.each(["ecdsa", "rsa"])("logs in with a key of type %s", async (type) => {
      const path = join(sshd.folder, `user_${type}`)
      keygen(type, path)
      writeFileSync(join(sshd.folder, "authorized_keys"), readFileSync(`${path}.pub`), {
        flag: "a",
      })
      const transport = await connect({ identityFiles: [path] })
      expect((await transport.exec("true", wait)).code).toBe(0)
    })

    it("asks for an agent when the key is protected by a passphrase, and then uses it", async () => {
      const path = join(sshd.folder, "locked")
      keygen("ed25519", path, "secret words")
      writeFileSync(join(sshd.folder, "authorized_keys"), readFileSync(`${path}.pub`), {
        flag: "a",
      })
      const failure = await refusal({ identityFiles: [path] })
      expect(failure.message).toContain("protected by a passphrase")
      expect(failure.hint).toContain("ssh-add")

      const agentSocket = join(sshd.folder, "agent")
      const agent = spawn("ssh-agent", ["-D", "-a", agentSocket], {
        stdio: ["ignore", "pipe", "ignore"],
      })
      try {
        await new Promise((resolve) => agent.stdout.once("data", resolve))
        const unlocked = join(sshd.folder, "unlocked")
        writeFileSync(unlocked, readFileSync(path), { mode: 0o600 })
        spawnSync("ssh-keygen", ["-p", "-P", "secret words", "-N", "", "-f", unlocked])
        spawnSync("ssh-add", ["-q", unlocked], {
          env: { ...process.env, SSH_AUTH_SOCK: agentSocket },
        })
        const transport = await connect({ identityFiles: [path] }, make({ agentSocket }))
        expect((await transport.exec("true", wait)).code).toBe(0)
      } finally {
        agent.kill()
      }
    })

    it("uses the user's own key when the agent is not there", async () => {
      const by = make({ agentSocket: join(sshd.folder, "no-agent") })
      expect((await (await connect({}, by)).exec("true", wait)).code).toBe(0)
    })

    it("says where keys are looked for when there is none", async () => {
      const key = join(sshd.home, ".ssh/id_ed25519")
      renameSync(key, `${key}.away`)
      try {
        expect((await refusal({}, make())).message).toContain("no key to log in with")
      } finally {
        renameSync(`${key}.away`, key)
      }
    })
  })
})
