import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { chosenConnection, connectionChoice } from "../../src/cli/connection-choice.ts"
import { readPasswordFile } from "../../src/cli/password-file.ts"
import { Secret } from "../../src/core/secret.ts"
import { connectionTo } from "../connections.ts"
import { canHaveUsers, hasSsh, password, startUsersSshd, type UsersSshd } from "../push/users.ts"
import { folder, repository } from "./repository.ts"
import { lbctl } from "./run.ts"

describe("options of connections", () => {
  const bastion = connectionTo("bastion", 22)

  it("count for the host and for those on the way", () => {
    const choice = connectionChoice({
      transport: "ssh",
      hostKeyChecking: "accept-new",
      timeout: "5s",
    })
    const chosen = { transport: "ssh", hostKeyChecking: "accept-new", connectTimeoutMs: 5000 }
    expect(
      chosenConnection({ ...connectionTo("lb1", 22), via: bastion }, choice, {}),
    ).toMatchObject({
      ...chosen,
      via: chosen,
    })
  })

  it("leave a connection as it is when nothing is said", () => {
    const connection = { ...connectionTo("lb1", 22), via: bastion, password: new Secret("a") }
    expect(chosenConnection(connection, connectionChoice({}), {})).toEqual(connection)
  })

  it("give passwords to hosts that have none of their own, and not to jump hosts", () => {
    const given = { login: new Secret("login"), become: new Secret("root") }
    const sudo = { method: "sudo", user: "root" } as const
    const plain = chosenConnection(
      { ...connectionTo("lb1", 22), become: sudo, via: bastion },
      {},
      given,
    )
    expect(plain.password?.reveal()).toBe("login")
    expect(plain.become?.password?.reveal()).toBe("root")
    expect(plain.via?.password).toBeUndefined()

    const own = { ...connectionTo("lb1", 22), password: new Secret("own") }
    expect(chosenConnection(own, {}, given).password?.reveal()).toBe("own")
    expect(chosenConnection(own, {}, given).become).toBeUndefined()
  })

  it.each([
    [["plan", "--timeout", "10"], "--timeout 10: not a duration"],
    [["plan", "--timeout", "1h"], "--timeout 1h is out of range"],
    [["apply", "--host-timeout", "1s"], "--host-timeout 1s is out of range"],
    [["show", "nodes", "--transport", "telnet"], "Allowed choices are builtin, ssh"],
    [["drain", "rs1", "--host-key-checking", "no"], "Allowed choices are strict, accept-new"],
    [["plan", "-k", "--connection-password-file", "x"], "contradict each other"],
  ])("refuse %j", async (args, message) => {
    const { code, stderr } = await lbctl(args, { cwd: repository({}) })
    expect(code).toBe(3)
    expect(stderr).toContain(message)
  })

  it.each(["-k", "-K"])("%s needs a terminal, and never waits for one", async (option) => {
    const { code, stderr } = await lbctl(["plan", option], { cwd: repository({}) })
    expect(code).toBe(3)
    expect(stderr).toContain("there is no terminal to ask on")
    expect(stderr).toContain("password-file")
  })
})

describe("a password file", () => {
  const home = mkdtempSync(join(tmpdir(), "lbctl-password-"))
  afterAll(() => rmSync(home, { recursive: true }))

  function file(name: string, text: string, mode = 0o600): string {
    writeFileSync(join(home, name), text)
    chmodSync(join(home, name), mode)
    return join(home, name)
  }
  const read = async (path: string) => (await readPasswordFile("--option", path)).reveal()

  it("gives its first line, blanks and all", async () => {
    expect(await read(file("plain", " se same \nmore\n"))).toBe(" se same ")
    expect(await read(file("dos", "sesame\r\n"))).toBe("sesame")
  })

  it("is run when it is a program", async () => {
    expect(await read(file("program", "#!/bin/sh\necho from a safe\n", 0o700))).toBe("from a safe")
  })

  it.each([
    ["missing", () => join(home, "no-such"), "ENOENT"],
    ["empty", () => file("empty", "\n"), "its first line is empty"],
    ["-", () => "-", "standard input is not read for passwords"],
    ["a failing program", () => file("fails", "#!/bin/sh\necho sesame\nexit 3\n", 0o700), "(3)"],
  ])("is refused when it is %s, without its content", async (_, path, reason) => {
    const failure = await readPasswordFile("--option", path()).catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: "input" })
    expect(String(failure)).toContain(reason)
    expect(String(failure)).not.toContain("sesame")
  })
})

describe.skipIf(!canHaveUsers || !hasSsh)("lbctl with a login password", () => {
  let sshd: UsersSshd
  beforeAll(async () => {
    sshd = await startUsersSshd(["PasswordAuthentication yes", "UsePAM yes"])
  })
  afterAll(() => sshd.stop())

  it.each(["builtin", "ssh"])(
    "logs in by the %s transport, and shows it nowhere",
    async (client) => {
      const cwd = repository({
        "inventories/prod/hosts.yml": `all:
  vars:
    ansible_host: 127.0.0.1
    ansible_port: ${sshd.port}
    ansible_user: ops
    ansible_ssh_common_args: -o UserKnownHostsFile=${sshd.home}/.ssh/known_hosts
  children:
    lb: { hosts: { lb1: { lbctl_address: 192.0.2.11 }, lb2: { lbctl_address: 192.0.2.12 } } }
    web: { hosts: { rs1: { lbctl_address: 192.0.2.21 }, rs2: { lbctl_address: 192.0.2.22 } } }
`,
      })
      writeFileSync(join(cwd, "secret"), `${password}\n`)
      const before = accepted()
      const { stdout, stderr } = await lbctl(
        ["plan", "-l", "rs1", "--transport", client, "--connection-password-file", "secret"],
        { cwd },
      )
      expect(stderr).toBe("")
      expect(stdout).toContain("Plan: 1 host to change")
      expect(accepted() - before).toBe(1)
      expect(stdout + stderr).not.toContain(password)
    },
  )

  function accepted(): number {
    const log = readFileSync(join(sshd.folder, "log"), "utf8")
    return [...log.matchAll(/^Accepted (password|keyboard-interactive\/pam) for ops/gm)].length
  }
})

describe("lbctl --help", () => {
  it("has the options of connections with every command that connects, and no other", async () => {
    const cwd = folder()
    const help = async (...command: string[]) =>
      (await lbctl([...command, "--help"], { cwd })).stdout
    expect(await help("agent", "install")).toContain("--ask-become-pass")
    expect(await help("failover")).toContain("--transport")
    expect(await help("show", "plan")).not.toContain("--transport")
    expect(await help("render")).not.toContain("--transport")
  })
})
