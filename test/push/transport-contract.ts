import { createHash } from "node:crypto"
import { spawnSync } from "node:child_process"
import { createReadStream, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

import type { Failure } from "../../src/core/failure.ts"
import type { Connection } from "../../src/model/fleet.ts"
import type { Connector, ConnectorOptions } from "../../src/push/connector.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Transport } from "../../src/push/transport.ts"
import type { Sshd } from "./sshd.ts"
import { freePort, keygen, startSshd } from "./sshd.ts"

const wait = { timeoutMs: 10_000 }

/** What every transport does, with a real sshd at the other end. */
export function transportContract(kind: Connection["transport"]): void {
  let sshd: Sshd
  let behind: Sshd
  let connector: Connector
  const open: Transport[] = []

  beforeAll(async () => {
    ;[sshd, behind] = await Promise.all([startSshd(), startSshd()])
    const key = readFileSync(join(sshd.home, ".ssh/id_ed25519.pub"))
    writeFileSync(join(behind.folder, "authorized_keys"), key, { flag: "a" })
  })
  afterAll(() => Promise.all([sshd.stop(), behind.stop()]))
  beforeEach(() => {
    sshd.know(`${name(sshd)} ${sshd.hostKey}\n${name(behind)} ${behind.hostKey}\n`)
    connector = make()
    return () => {
      for (const transport of open.splice(0)) transport.close()
      connector.close()
    }
  })

  function make(options: Partial<ConnectorOptions> = {}): Connector {
    return openConnector({ home: sshd.home, user: sshd.user, retryPausesMs: [], ...options })
  }

  /** The system's ssh knows no other home than the user's own: everything is named. */
  function to(change: Partial<Connection> = {}): Connection {
    return {
      ...sshd.connection,
      transport: kind,
      sshArguments: ["-F", "/dev/null"],
      identityFiles: [join(sshd.home, ".ssh/id_ed25519")],
      identityAgent: "none",
      knownHostsFiles: [join(sshd.home, ".ssh/known_hosts")],
      ...change,
    }
  }

  async function connect(change: Partial<Connection> = {}, by = connector): Promise<Transport> {
    const transport = await by.connect(to(change))
    open.push(transport)
    return transport
  }

  async function refusal(change: Partial<Connection> = {}, by = connector): Promise<Failure> {
    return connect(change, by).then(
      () => expect.unreachable("the connection was made"),
      (failure: Failure) => failure,
    )
  }

  describe("exec", () => {
    it("gives the exit code and both outputs apart", async () => {
      const transport = await connect()
      expect(await transport.exec("echo out; echo err >&2; exit 7", wait)).toEqual({
        code: 7,
        stdout: "out\n",
        stderr: "err\n",
      })
    })

    it("tells a command that ends with 255 from a connection that ends", async () => {
      const transport = await connect()
      expect(await transport.exec("echo err >&2; exit 255", wait)).toEqual({
        code: 255,
        stdout: "",
        stderr: "err\n",
      })
    })

    it("runs one command after the other on one connection", async () => {
      const transport = await connect()
      const ports = new Set<string>()
      for (const word of ["a", "b", "c"]) {
        const { stdout } = await transport.exec(`echo ${word} $SSH_CONNECTION`, wait)
        const [first, , port = ""] = stdout.split(" ")
        expect(first).toBe(word)
        ports.add(port)
      }
      expect(ports.size).toBe(1)
    })

    it("runs six commands at once on one connection", async () => {
      const transport = await connect()
      const words = ["a", "b", "c", "d", "e", "f"]
      const results = await Promise.all(words.map((word) => transport.exec(`echo ${word}`, wait)))
      expect(results.map(({ stdout }) => stdout.trim())).toEqual(words)
    })

    it("makes a new connection when asked for one", async () => {
      const [first, second] = [await connect(), await connect()]
      const port = (transport: Transport) =>
        transport.exec("echo $SSH_CONNECTION", wait).then(({ stdout }) => stdout.split(" ")[1])
      expect(await port(first)).not.toBe(await port(second))
    })

    it("gives end of file to a command for which there is no input", async () => {
      const transport = await connect()
      expect((await transport.exec("wc -c", wait)).stdout.trim()).toBe("0")
    })

    it.each(["buffer", "stream"])("sends 10 MB of stdin from a %s unharmed", async (source) => {
      const bytes = Buffer.alloc(10 * 1024 * 1024)
      for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31) & 0xff
      const transport = await connect()
      const stdin =
        source === "buffer" ? bytes : Readable.from([bytes.subarray(0, 5e6), bytes.subarray(5e6)])
      const { stdout } = await transport.exec("sha256sum", { ...wait, stdin })
      expect(stdout.split(" ")[0]).toBe(createHash("sha256").update(bytes).digest("hex"))
    })

    it("reads 8 MB of both outputs", async () => {
      const transport = await connect()
      const many = "head -c 8000000 /dev/zero | tr '\\0' x"
      const { stdout, stderr } = await transport.exec(`${many}; ${many} >&2`, wait)
      expect([stdout.length, stderr.length]).toEqual([8_000_000, 8_000_000])
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
      await expect(failure).rejects.toMatchObject({
        code: "unreachable",
        message: "the connection died while a command was running",
      })
      await expect(transport.exec("true", wait)).rejects.toMatchObject({ code: "unreachable" })
    })

    it("starts nothing on a connection that was closed", async () => {
      const transport = await connect()
      transport.close()
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
    it("refuses an unknown host with its fingerprint and the way to accept it", async () => {
      sshd.know("")
      const failure = await refusal()
      expect(failure.code).toBe("unreachable")
      expect(failure.message).toBe(
        `the host key of ${name(sshd)} is not known: it shows ssh-ed25519 ${fingerprintOf(sshd)}`,
      )
      expect(failure.hint).toContain(
        `ssh-keyscan -p ${sshd.port} -t ed25519 127.0.0.1 >> ${sshd.home}/.ssh/known_hosts`,
      )
    })

    it("refuses a changed key and names the line that holds the other", async () => {
      const other = strangerKey()
      sshd.know(`# x\n${name(sshd)} ${other}\n`)
      const failure = await refusal()
      expect(failure.message).toBe(
        `THE HOST KEY OF ${name(sshd)} HAS CHANGED: it shows ssh-ed25519 ${fingerprintOf(sshd)}, ` +
          `${sshd.home}/.ssh/known_hosts:2 holds another`,
      )
      expect(failure.hint).toContain("ssh-keygen -f")
    })

    it("refuses a revoked key even where another line accepts it", async () => {
      sshd.know(`${name(sshd)} ${sshd.hostKey}\n@revoked * ${sshd.hostKey}\n`)
      for (const hostKeyChecking of ["strict", "accept-new"] as const)
        expect((await refusal({ hostKeyChecking })).message).toContain("revoked")
    })

    it("accepts a new key when asked to, keeps it, and refuses a changed one all the same", async () => {
      sshd.know("# mine\n")
      await connect({ hostKeyChecking: "accept-new" })
      const text = readFileSync(join(sshd.home, ".ssh/known_hosts"), "utf8")
      expect(text).toMatch(/^# mine\n/)
      expect(text).toContain(`${name(sshd)} ${sshd.hostKey.split(" ").slice(0, 2).join(" ")}\n`)
      expect((await (await connect({}, make())).exec("true", wait)).code).toBe(0)

      sshd.know(`${name(sshd)} ${strangerKey()}\n`)
      const failure = await refusal({ hostKeyChecking: "accept-new" }, make())
      expect(failure.message).toContain("HAS CHANGED")
    })

    it("knows a host by its alias", async () => {
      sshd.know(`web-alias ${sshd.hostKey}\n`)
      const transport = await connect({ hostKeyAlias: "web-alias" })
      expect((await transport.exec("true", wait)).code).toBe(0)
      expect((await refusal({ hostKeyAlias: "other" })).message).toContain(
        "the host key of other is not known",
      )
    })
  })

  describe("the way there", () => {
    it("names user and keys of a refused login", async () => {
      const path = join(sshd.folder, "stranger")
      strangerKey()
      const failure = await refusal({ identityFiles: [path], identitiesOnly: true })
      expect(failure.code).toBe("unreachable")
      expect(failure.message).toBe(`${sshd.user}@${name(sshd)} refused the login; offered: ${path}`)
      expect(failure.hint).toContain("authorized_keys")
    })

    it("tells a port where nobody listens", async () => {
      const port = await freePort()
      const failure = await refusal({ port })
      expect(failure.message).toBe(`[127.0.0.1]:${port} refuses connections`)
      expect(failure.hint).toContain("ansible_port")
    })

    it("tells a name that does not resolve", async () => {
      const failure = await refusal({ address: "no-such-host.invalid", port: 22 })
      expect(failure.message).toBe("the name no-such-host.invalid does not resolve")
    })

    it("reaches a host through two hops, and shares them", async () => {
      const outer = to()
      const via = to({ port: behind.port, via: outer })
      const before = logins()
      const [first, second] = await Promise.all([
        connect({ port: sshd.port, via }),
        connect({ port: behind.port, via }),
      ])
      const { stdout } = await first.exec("echo $SSH_CONNECTION", wait)
      expect(stdout).toContain(`127.0.0.1 ${sshd.port}`)
      expect((await second.exec("echo ok", wait)).stdout).toBe("ok\n")
      expect(logins() - before).toBe(2)
    })

    it("says when the jump host cannot reach the host", async () => {
      const failure = await refusal({ port: 1, via: to() })
      const hop = `${sshd.user}@127.0.0.1:${sshd.port}`
      expect(failure.message).toBe(`the jump host ${hop} cannot reach 127.0.0.1:1`)
    })

    it("says when it is a jump host that is not known", async () => {
      sshd.know(`${name(sshd)} ${sshd.hostKey}\n`)
      const failure = await refusal({ via: to({ port: behind.port }) })
      expect(failure.message).toContain(`the host key of ${name(behind)} is not known`)
    })

    it("goes by a ProxyCommand", async () => {
      const command = `${process.execPath} -e '${relay}' ${sshd.port} 100%`
      const transport = await connect({ port: 9, hostKeyAlias: name(sshd), proxyCommand: command })
      expect((await transport.exec("echo on", wait)).stdout).toBe("on\n")
    })

    it("tells that a ProxyCommand failed", async () => {
      const failure = await refusal({ proxyCommand: "echo no way >&2; exit 3" })
      expect(failure.code).toBe("unreachable")
    })
  })

  /** Accepted logins at the first sshd. */
  function logins(): number {
    const log = readFileSync(join(sshd.folder, "log"), "utf8")
    return [...log.matchAll(/^Accepted publickey/gm)].length
  }

  function strangerKey(): string {
    const path = join(sshd.folder, "stranger")
    spawnSync("rm", ["-f", path])
    keygen("ed25519", path)
    return readFileSync(`${path}.pub`, "utf8").trim()
  }
}

/** Both ends of standard input and output on a TCP connection. */
const relay =
  'const s=require("net").connect(+process.argv[1],"127.0.0.1");process.stdin.pipe(s).pipe(process.stdout)'

function name(sshd: Sshd): string {
  return `[127.0.0.1]:${sshd.port}`
}

function fingerprintOf(sshd: Sshd): string {
  const shown = spawnSync("ssh-keygen", ["-lf", join(sshd.folder, "host_key.pub")], {
    encoding: "utf8",
  })
  return shown.stdout.split(" ")[1] ?? ""
}
