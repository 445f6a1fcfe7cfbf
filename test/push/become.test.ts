import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

import { Secret } from "../../src/core/secret.ts"
import type { Connection } from "../../src/model/fleet.ts"
import type { Connector } from "../../src/push/connector.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Transport } from "../../src/push/transport.ts"
import type { UsersSshd } from "./users.ts"
import { canHaveUsers, hasDoas, hasSsh, hasSudo, password, startUsersSshd } from "./users.ts"

const wait = { timeoutMs: 20_000 }

/** More than a pipe holds, both ways, and more than once. */
async function keepsEveryByte(transport: Transport): Promise<void> {
  const stdin = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) & 0xff))
  const sum = createHash("sha256").update(stdin).digest("hex")
  for (let round = 0; round < 2; round++) {
    const result = await transport.exec("id -u; sha256sum; echo err >&2; exit 7", {
      ...wait,
      stdin,
    })
    expect(result).toEqual({ code: 7, stdout: `0\n${sum}  -\n`, stderr: "err\n" })
  }
}

async function talks(transport: Transport): Promise<void> {
  const channel = await transport.open('id -u; read answer; echo "got $answer"; exit 4')
  channel.write("keep\n")
  const seen: string[] = []
  for await (const line of channel.lines()) seen.push(line)
  expect(seen).toEqual(["0", "got keep"])
  expect(await channel.ended).toEqual({ code: 4, stderr: "" })
}

describe.skipIf(!canHaveUsers)("becoming root", () => {
  let sshd: UsersSshd
  let connector: Connector
  const open: Transport[] = []

  beforeAll(async () => {
    sshd = await startUsersSshd()
  })
  afterAll(() => sshd.stop())
  beforeEach(() => {
    connector = openConnector({ home: sshd.home, user: "ops" })
    return () => {
      for (const transport of open.splice(0)) transport.close()
      connector.close()
    }
  })

  async function connect(
    become: NonNullable<Connection["become"]>,
    change: Partial<Connection> = {},
  ): Promise<Transport> {
    const transport = await connector.connect({ ...sshd.as("ops"), become, ...change })
    open.push(transport)
    return transport
  }

  const sudo = (text?: string): NonNullable<Connection["become"]> => ({
    method: "sudo",
    user: "root",
    ...(text === undefined ? {} : { password: new Secret(text) }),
  })

  describe.skipIf(!hasSudo)("by sudo", () => {
    it.each([
      ["that asks for no password", "ops ALL=(root) NOPASSWD: ALL", undefined],
      ["that asks for none, though one is given", "ops ALL=(root) NOPASSWD: ALL", password],
      ["that asks for the password", "ops ALL=(root) ALL", password],
      ["with tickets for all", "Defaults !tty_tickets\nops ALL=(root) ALL", password],
      ["that remembers nothing", "Defaults timestamp_timeout=0\nops ALL=(root) ALL", password],
    ])("works with one %s, and keeps every byte of stdin", async (_, rule, given) => {
      sshd.allow({ sudo: rule })
      const transport = await connect(sudo(given))
      await keepsEveryByte(transport)
    })

    it("talks to a command that it started with a password", async () => {
      sshd.allow({ sudo: "ops ALL=(root) ALL" })
      const transport = await connect(sudo(password))
      await talks(transport)
    })

    it("gives its password by no argument and no environment", async () => {
      sshd.allow({ sudo: "ops ALL=(root) ALL" })
      const transport = await connect(sudo(password))
      const { stdout } = await transport.exec(
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c 'sesam[e]'",
        wait,
      )
      expect(stdout).toBe("0\n")
    })

    it("tries a wrong password once, and not again on the next connection", async () => {
      sshd.allow({ sudo: `Defaults logfile=${sshd.folder}/sudo.log\nops ALL=(root) ALL` })
      const failure = {
        code: "failed",
        message: "ops cannot become root: sudo refuses the password",
      }
      const first = await connect(sudo("wrong"))
      await expect(first.exec("true", wait)).rejects.toMatchObject(failure)
      const second = await connect(sudo("wrong"))
      await expect(second.exec("true", wait)).rejects.toMatchObject(failure)
      await expect(second.open("true")).rejects.toMatchObject(failure)
      const log = readFileSync(join(sshd.folder, "sudo.log"), "utf8")
      expect(log.match(/incorrect password attempt/g)).toHaveLength(1)
      expect(log).toContain("1 incorrect password attempt")
    })

    it.each([
      ["a password that is not given", "ops ALL=(root) ALL", undefined, "sudo asks for a password"],
      ["a user it does not know", "root ALL=(root) ALL", password, "sudo does not allow it"],
      [
        "no terminal",
        "Defaults requiretty\nops ALL=(root) NOPASSWD: ALL",
        undefined,
        "sudo asks for a terminal (requiretty)",
      ],
    ])("tells of %s", async (_, rule, given, reason) => {
      sshd.allow({ sudo: rule })
      const transport = await connect(sudo(given))
      await expect(transport.exec("true", wait)).rejects.toMatchObject({
        message: `ops cannot become root: ${reason}`,
        hint: expect.stringContaining("/etc/sudoers.d: ops ALL=(root) NOPASSWD: ALL") as string,
      })
    })

    it.skipIf(!hasSsh)("works over the system's ssh", async () => {
      sshd.allow({ sudo: "ops ALL=(root) ALL" })
      const transport = await connect(sudo(password), {
        transport: "ssh",
        sshArguments: ["-F", "/dev/null"],
        identityFiles: [join(sshd.home, ".ssh/id_ed25519")],
        knownHostsFiles: [join(sshd.home, ".ssh/known_hosts")],
      })
      const result = await transport.exec("id -u; cat", { ...wait, stdin: "a\nb" })
      expect(result).toEqual({ code: 0, stdout: "0\na\nb", stderr: "" })
    })
  })

  describe.skipIf(!hasDoas)("by doas", () => {
    const doas = (text?: string): NonNullable<Connection["become"]> => ({
      ...sudo(text),
      method: "doas",
    })

    it("works where it asks for no password, whether or not one is given", async () => {
      sshd.allow({ doas: "permit nopass ops as root" })
      for (const given of [undefined, password]) {
        const transport = await connect(doas(given))
        const result = await transport.exec("id -u; cat; exit 3", { ...wait, stdin: "a\nb" })
        expect(result).toEqual({ code: 3, stdout: "0\na\nb", stderr: "" })
      }
    })

    it.each([
      ["asks", "permit ops as root"],
      ["asks once in a while", "permit persist ops as root"],
    ])("works where it %s for the password, and keeps every byte of stdin", async (_, rule) => {
      sshd.allow({ doas: rule })
      const transport = await connect(doas(password))
      await keepsEveryByte(transport)
    })

    it("talks to a command that it started with a password, and leaves nothing behind", async () => {
      sshd.allow({ doas: "permit ops as root" })
      const transport = await connect(doas(password))
      await talks(transport)
      const left = await transport.exec("find /tmp -maxdepth 1 -user ops -newermt '-1 min'", wait)
      expect(left.stdout.split("\n").filter((path) => path.includes("/tmp."))).toHaveLength(1)
    })

    it("lets a command go that waits for its input when the connection does", async () => {
      sshd.allow({ doas: "permit ops as root" })
      const transport = await connect(doas(password))
      const channel = await transport.open("echo up; cat; echo down")
      const seen: string[] = []
      setTimeout(() => channel.close(), 300)
      for await (const line of channel.lines()) seen.push(line)
      expect(seen).toEqual(["up", "down"])
    })

    it("gives the password by no argument and no environment", async () => {
      sshd.allow({ doas: "permit ops as root" })
      const transport = await connect(doas(password))
      const { stdout } = await transport.exec(
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c 'sesam[e]'",
        wait,
      )
      expect(stdout).toBe("0\n")
    })

    it("tries a wrong password once, and not again on the next connection", async () => {
      sshd.allow({ doas: "permit ops as root" })
      const failure = {
        code: "failed",
        message: "ops cannot become root: doas refuses the password",
      }
      for (let attempt = 0; attempt < 2; attempt++) {
        const transport = await connect(doas("wrong"))
        await expect(transport.exec("true", wait)).rejects.toMatchObject(failure)
      }
    })

    it("tells of a password that is not given", async () => {
      sshd.allow({ doas: "permit ops as root" })
      const transport = await connect(doas())
      await expect(transport.exec("true", wait)).rejects.toMatchObject({
        message: "ops cannot become root: doas asks for a password",
        hint: expect.stringContaining("permit nopass ops as root") as string,
      })
    })

    it("tells of a user it does not know", async () => {
      sshd.allow({ doas: "permit nopass root as root" })
      const transport = await connect(doas())
      await expect(transport.exec("true", wait)).rejects.toMatchObject({
        message: "ops cannot become root: doas does not allow it",
      })
    })
  })

  it("tells that there is no such program", async () => {
    const transport = await connect({ ...sudo(), executable: "/usr/bin/sudo-that-is-not" })
    await expect(transport.exec("true", wait)).rejects.toMatchObject({
      message: expect.stringContaining("cannot become root: there is no") as string,
    })
  })
})
