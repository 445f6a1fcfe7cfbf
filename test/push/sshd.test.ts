import { createHash } from "node:crypto"
import { spawn, spawnSync } from "node:child_process"
import { createReadStream, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

import type { Failure } from "../../src/core/failure.ts"
import type { Connection } from "../../src/model/fleet.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Connector, ConnectorOptions } from "../../src/push/connector.ts"
import type { Transport } from "../../src/push/transport.ts"
import type { Sshd } from "./sshd.ts"
import { hasSshd, keygen, startSshd } from "./sshd.ts"

const wait = { timeoutMs: 10_000 }

describe.skipIf(!hasSshd)("a real sshd", () => {
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

  describe("exec", () => {
    it("gives the exit code and both outputs", async () => {
      const transport = await connect()
      expect(await transport.exec("echo out; echo err >&2; exit 7", wait)).toEqual({
        code: 7,
        stdout: "out\n",
        stderr: "err\n",
      })
    })

    it("runs one command after the other on one connection", async () => {
      const transport = await connect()
      for (const word of ["a", "b", "c"]) {
        expect((await transport.exec(`echo ${word}`, wait)).stdout).toBe(`${word}\n`)
      }
    })

    it.each(["buffer", "stream"])("sends 10 MB of stdin from a %s unharmed", async (kind) => {
      const bytes = Buffer.alloc(10 * 1024 * 1024)
      for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31) & 0xff
      const transport = await connect()
      const stdin =
        kind === "buffer" ? bytes : Readable.from([bytes.subarray(0, 5e6), bytes.subarray(5e6)])
      const { stdout } = await transport.exec("sha256sum", { ...wait, stdin })
      expect(stdout.split(" ")[0]).toBe(createHash("sha256").update(bytes).digest("hex"))
    })

    it("takes no offence at a command that does not read its stdin", async () => {
      const transport = await connect()
      const stdin = Readable.from([Buffer.alloc(8 * 1024 * 1024)])
      expect((await transport.exec("exit 3", { ...wait, stdin })).code).toBe(3)
      expect((await transport.exec("echo on", wait)).stdout).toBe("on\n")
    })

    it("fails with the source's own error when its stdin cannot be read", async () => {
      const transport = await connect()
      const stdin = createReadStream(join(sshd.folder, "missing"))
      await expect(transport.exec("cat", { ...wait, stdin })).rejects.toMatchObject({
        code: "ENOENT",
      })
    })

    it("reports a command killed by a signal as a failure code", async () => {
      const transport = await connect()
      expect((await transport.exec("kill -9 $$", wait)).code).toBe(128)
    })

    it("gives up on a command that takes too long, and goes on with the next", async () => {
      const transport = await connect()
      const failure = await transport
        .exec("sleep 30", { timeoutMs: 200 })
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: "unreachable", message: "no answer within 200ms" })
      expect((await transport.exec("echo on", wait)).stdout).toBe("on\n")
    })

    it("is interrupted by its signal", async () => {
      const transport = await connect()
      const failure = transport.exec("sleep 30", { ...wait, signal: AbortSignal.timeout(100) })
      await expect(failure).rejects.toMatchObject({ code: "interrupted" })
    })

    it("fails as unreachable when the connection dies under the command", async () => {
      const transport = await connect()
      const failure = transport.exec("kill -9 $PPID; sleep 5", wait)
      await expect(failure).rejects.toMatchObject({ code: "unreachable" })
      await expect(transport.exec("true", wait)).rejects.toMatchObject({ code: "unreachable" })
    })
  })

  describe("open", () => {
    it("reads lines while the command runs, and writes to it", async () => {
      const transport = await connect()
      const channel = await transport.open('echo ready; read answer; echo "got $answer"; exit 4')
      const seen: string[] = []
      for await (const line of channel.lines()) {
        seen.push(line)
        if (line === "ready") channel.write("keep\n")
      }
      expect(seen).toEqual(["ready", "got keep"])
      expect((await channel.ended).code).toBe(4)
    })

    it("lets the command read end of file when it is closed", async () => {
      const transport = await connect()
      const channel = await transport.open("cat >/dev/null; exit 9")
      channel.close()
      expect((await channel.ended).code).toBe(9)
    })

    it("tells of the connection's death after the last line", async () => {
      const transport = await connect()
      const channel = await transport.open("echo one; sleep 0.1; kill -9 $PPID; sleep 5")
      const seen: string[] = []
      const reading = (async () => {
        for await (const line of channel.lines()) seen.push(line)
      })()
      await expect(reading).rejects.toMatchObject({ code: "unreachable" })
      expect(seen).toEqual(["one"])
    })
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

    it("refuses an unknown host with its fingerprint and the way to accept it", async () => {
      sshd.know("")
      const failure = await refusal()
      const shown = spawnSync("ssh-keygen", ["-lf", join(sshd.folder, "host_key.pub")], {
        encoding: "utf8",
      })
      expect(failure.code).toBe("unreachable")
      expect(failure.message).toContain(shown.stdout.split(" ")[1])
      expect(failure.hint).toContain(
        `ssh-keyscan -p ${sshd.port} -t ed25519 127.0.0.1 >> ${sshd.home}/.ssh/known_hosts`,
      )
    })

    it("refuses a changed key and names the line that holds the other", async () => {
      keygen("ed25519", join(sshd.folder, "other"))
      const other = readFileSync(join(sshd.folder, "other.pub"), "utf8").trim()
      sshd.know(`# x\n${name()} ${other}\n`)
      const failure = await refusal()
      expect(failure.message).toContain("HAS CHANGED")
      expect(failure.message).toContain(`${sshd.home}/.ssh/known_hosts:2`)
      expect(failure.hint).toContain("ssh-keygen -f")
    })

    it("refuses a revoked key even where another line accepts it", async () => {
      sshd.know(`${name()} ${sshd.hostKey}\n@revoked * ${sshd.hostKey}\n`)
      expect((await refusal()).message).toContain("revoked")
    })

    it("says that a certificate authority does not help", async () => {
      sshd.know(`@cert-authority * ${sshd.hostKey}\n`)
      expect((await refusal()).message).toContain("certificate authority")
    })
  })

  describe("logins", () => {
    beforeEach(() => sshd.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`))

    it("names user and keys of a refused login", async () => {
      keygen("ed25519", join(sshd.folder, "stranger"))
      const path = join(sshd.folder, "stranger")
      const failure = await refusal({ privateKeyFile: path })
      expect(failure.code).toBe("unreachable")
      expect(failure.message).toBe(
        `${sshd.user}@[127.0.0.1]:${sshd.port} refused the login; offered: ${path}`,
      )
      expect(failure.hint).toContain("authorized_keys")
    })

    it.each(["ecdsa", "rsa"])("logs in with a key of type %s", async (type) => {
      const path = join(sshd.folder, `user_${type}`)
      keygen(type, path)
      writeFileSync(join(sshd.folder, "authorized_keys"), readFileSync(`${path}.pub`), {
        flag: "a",
      })
      const transport = await connect({ privateKeyFile: path })
      expect((await transport.exec("true", wait)).code).toBe(0)
    })

    it("asks for an agent when the key is protected by a passphrase, and then uses it", async () => {
      const path = join(sshd.folder, "locked")
      keygen("ed25519", path, "secret words")
      writeFileSync(join(sshd.folder, "authorized_keys"), readFileSync(`${path}.pub`), {
        flag: "a",
      })
      const failure = await refusal({ privateKeyFile: path })
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
        const transport = await connect({ privateKeyFile: path }, make({ agentSocket }))
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

    it("reads sudo's refusal", async () => {
      const transport = await make({ user: "nobody" }).connect({
        ...sshd.connection,
        become: false,
      })
      open.push(transport)
      const { becomeRoot } = await import("../../src/push/become.ts")
      const bin = join(sshd.folder, "sudo")
      writeFileSync(bin, "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n", {
        mode: 0o755,
      })
      const wrapped = becomeRoot(
        {
          ...transport,
          exec: (command, options) =>
            transport.exec(`PATH=${sshd.folder}:$PATH; ${command}`, options),
        },
        "ops",
      )
      await expect(wrapped.exec("id", wait)).rejects.toMatchObject({
        message: "ops cannot become root: sudo asks for a password",
      })
    })
  })

  describe("jump hosts", () => {
    let behind: Sshd
    beforeAll(async () => {
      behind = await startSshd()
      sshd.know(
        `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n[127.0.0.1]:${behind.port} ${behind.hostKey}\n`,
      )
      const key = readFileSync(join(sshd.home, ".ssh/id_ed25519.pub"))
      writeFileSync(join(behind.folder, "authorized_keys"), key, { flag: "a" })
    })
    afterAll(() => behind.stop())

    it("reaches a host through two hops, and shares them", async () => {
      const jump = [`${sshd.user}@127.0.0.1:${sshd.port}`, `127.0.0.1:${behind.port}`]
      const first = await connect({ port: sshd.port, jump })
      const second = await connect({ port: behind.port, jump })
      expect((await first.exec("echo $SSH_CONNECTION", wait)).stdout).toContain(
        `127.0.0.1 ${sshd.port}`,
      )
      expect((await second.exec("echo ok", wait)).stdout).toBe("ok\n")
    })

    it("says when the jump host cannot reach the host", async () => {
      const failure = await refusal({ port: 1, jump: [`127.0.0.1:${sshd.port}`] })
      expect(failure.message).toBe(`the jump host 127.0.0.1:${sshd.port} cannot reach 127.0.0.1:1`)
    })
  })
})
