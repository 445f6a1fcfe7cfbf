import { spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

import { Failure } from "../../src/core/failure.ts"
import { Secret } from "../../src/core/secret.ts"
import type { Connection } from "../../src/model/fleet.ts"
import type { Connector } from "../../src/push/connector.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Prompter } from "../../src/push/prompter.ts"
import type { Transport } from "../../src/push/transport.ts"
import { keygen } from "./sshd.ts"
import type { UsersSshd } from "./users.ts"
import { canHaveUsers, hasSsh, password, startUsersSshd } from "./users.ts"

const wait = { timeoutMs: 10_000 }

const transports = hasSsh ? (["builtin", "ssh"] as const) : (["builtin"] as const)

describe.skipIf(!canHaveUsers).each(transports)("logins by the %s transport", (transport) => {
  let sshd: UsersSshd
  let connector: Connector
  let asked: string[] = []
  const open: Transport[] = []

  beforeAll(async () => {
    sshd = await startUsersSshd([
      "PasswordAuthentication yes",
      "KbdInteractiveAuthentication yes",
      "UsePAM yes",
      "Match User typing",
      "AuthenticationMethods keyboard-interactive",
      "Match User coded",
      "AuthenticationMethods publickey,keyboard-interactive",
      "Match all",
    ])
  })
  afterAll(() => sshd.stop())
  beforeEach(() => {
    asked = []
    connector = make()
    return () => {
      for (const item of open.splice(0)) item.close()
      connector.close()
    }
  })

  /** A terminal at which these answers are typed, one after the other. */
  function typing(...answers: string[]): Prompter {
    return {
      secret: async (question) => {
        asked.push(question)
        const answer = answers.shift()
        if (answer === undefined) throw new Failure("interrupted", "Ctrl-C")
        return new Secret(answer)
      },
      tell: (text) => void asked.push(text),
    }
  }

  function make(prompter?: Prompter): Connector {
    const settings = { home: sshd.home, user: "ops", retryPausesMs: [] }
    return openConnector({ ...settings, ...(prompter === undefined ? {} : { prompter }) })
  }

  async function connect(
    user: string,
    change: Partial<Connection> = {},
    by = connector,
  ): Promise<Transport> {
    const made = await by.connect({
      ...sshd.as(user),
      transport,
      sshArguments: ["-F", "/dev/null"],
      identityFiles: [join(sshd.home, ".ssh/id_ed25519")],
      identitiesOnly: true,
      identityAgent: "none",
      knownHostsFiles: [join(sshd.home, ".ssh/known_hosts")],
      ...change,
    })
    open.push(made)
    return made
  }

  const noKey = () => ({ identityFiles: [join(sshd.folder, "no-such-key")] })
  const secret = (text: string) => ({ password: new Secret(text) })
  const whoami = async (made: Transport) => (await made.exec("id -un", wait)).stdout.trim()

  it("logs in by password where no key is accepted", async () => {
    expect(await whoami(await connect("ops", { ...noKey(), ...secret(password) }))).toBe("ops")
  })

  it("answers by the password where the server asks for it in its own words", async () => {
    expect(await whoami(await connect("typing", { ...noKey(), ...secret(password) }))).toBe(
      "typing",
    )
  })

  it("prefers a key, and does not send the password then", async () => {
    const before = log().length
    expect(await whoami(await connect("ops", secret("not the password")))).toBe("ops")
    expect(log().slice(before)).not.toContain("Failed password")
  })

  it("tries a wrong password once", async () => {
    const before = log().length
    const failure = await connect("ops", { ...noKey(), ...secret("wrong") }).catch(
      (thrown: unknown) => thrown,
    )
    expect(failure).toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("refused the login; offered: the password") as string,
      hint: expect.stringContaining("-k") as string,
    })
    // sshd may answer before it writes its log.
    await expect.poll(() => refusals(before)).toBe(1)
  })

  it("asks for what the server wants to know besides a key", async () => {
    const by = make(typing(password))
    expect(await whoami(await connect("coded", {}, by))).toBe("coded")
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatch(/coded@.*Password:/)
    by.close()
  })

  it("fails where there is nobody to ask", async () => {
    await expect(connect("coded")).rejects.toMatchObject({ code: "unreachable" })
  })

  it("asks for a passphrase, once for all connections", async () => {
    const key = lockedKey("asked")
    const by = make(typing("secret words"))
    const change = { identityFiles: [key] }
    const made = [await connect("ops", change, by), await connect("ops", change, by)]
    for (const item of made) expect(await whoami(item)).toBe("ops")
    expect(asked).toEqual([expect.stringMatching(/assphrase for.*asked/)])
    by.close()
  })

  it("gives up when the passphrase is not told", async () => {
    const by = make(typing())
    const change = { identityFiles: [lockedKey("untold")] }
    await expect(connect("ops", change, by)).rejects.toMatchObject({ name: "Failure" })
    by.close()
  })

  it("names a locked key where there is nobody to ask, and tells the cure", async () => {
    const key = lockedKey("locked")
    await expect(connect("ops", { identityFiles: [key] })).rejects.toMatchObject({
      hint: expect.stringContaining(`ssh-add ${key}`) as string,
    })
  })

  it("offers the chosen keys of a host's own agent only", async () => {
    const socket = join(sshd.folder, `agent-${transport}`)
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] })
    try {
      await new Promise((resolve) => agent.stdout.once("data", resolve))
      const [first, second] = [lockedKey("first", false), lockedKey("second")]
      for (const key of [first, second]) {
        const copy = `${key}.open`
        writeFileSync(copy, readFileSync(key), { mode: 0o600 })
        spawnSync("ssh-keygen", ["-p", "-P", "secret words", "-N", "", "-f", copy])
        spawnSync("ssh-add", ["-q", copy], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
      }
      const chosen = { identityFiles: [second], identityAgent: socket }
      expect(await whoami(await connect("ops", chosen))).toBe("ops")
      const wrong = { ...chosen, identityFiles: [first] }
      await expect(connect("ops", wrong)).rejects.toMatchObject({ code: "unreachable" })
    } finally {
      agent.kill()
    }
  })

  /** A key with the passphrase `secret words`. */
  function lockedKey(name: string, accepted = true): string {
    const path = join(sshd.folder, `${transport}-${name}`)
    keygen("ed25519", path, "secret words")
    if (accepted)
      writeFileSync(join(sshd.folder, "authorized_keys"), readFileSync(`${path}.pub`), {
        flag: "a",
      })
    return path
  }

  function refusals(before: number): number {
    const lines = log()
      .slice(before)
      .matchAll(/^Failed (password|keyboard-interactive)/gm)
    return [...lines].length
  }

  function log(): string {
    return readFileSync(join(sshd.folder, "log"), "utf8")
  }
})
