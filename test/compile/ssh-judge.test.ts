import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"

import { problemOf } from "../../src/compile/ssh-config-check.ts"
import { sshConnection } from "../../src/compile/ssh-connection.ts"
import type { SshConnection } from "../../src/compile/ssh-connection.ts"
import { lookUp } from "../../src/compile/ssh-lookup.ts"
import { hopsOf } from "../../src/compile/ssh-values.ts"
import { hasErrors } from "../../src/core/problem.ts"
import type { Problem } from "../../src/core/problem.ts"
import { splitSshConfigLine } from "../../src/core/ssh-config-words.ts"
import { readSshConfig } from "../../src/load/ssh-config.ts"
import type { SshConfigLine } from "../../src/schema/ssh-config.ts"
import { surroundings } from "../surroundings.ts"

const hasSsh = spawnSync("ssh", ["-V"]).status === 0

const folder = mkdtempSync(join(tmpdir(), "lbctl-ssh-config-"))
afterAll(() => rmSync(folder, { recursive: true }))
const main = join(folder, "main")
const second = join(folder, "second.conf")
const { username: user, uid, homedir: home } = userInfo()

const around = surroundings({
  user,
  uid,
  home,
  hostName: hostname(),
  environment: (name) => process.env[name],
  succeeds: (command) => spawnSync("/bin/sh", ["-c", command]).status === 0,
})

function option(text: string): SshConfigLine {
  const words = splitSshConfigLine(text)
  if (!words.ok || words.value === undefined) throw new Error(text)
  return { ...words.value, at: { file: "hosts.yml", line: 1, column: 1 }, written: text }
}

/** What is compared: as `ssh -G` prints it. */
type Answer = Readonly<Record<string, unknown>>

function ours(name: string, options: readonly string[]): Answer | "refused" {
  const problems: Problem[] = []
  const config = readSshConfig({ home, uid, currentFolder: folder }, main)
  const lines = options.map(option)
  const question = { name, options: lines, config, transport: "builtin" } as const
  const found = lookUp(question, around, (problem) => problems.push(problem))
  const connection = sshConnection(question, around, (problem) => problems.push(problem))
  problems.push(...lines.flatMap((line) => problemOf(line) ?? []))
  if (hasErrors(problems)) return "refused"
  const proxyJump = found.first.get("proxyjump")
  const command = found.first.get("proxycommand")?.rest
  const keys = found.identityFiles.map(({ args }) => args[0])
  return {
    ...shown(connection),
    identityfile: keys.length === 0 ? defaultKeys() : keys,
    proxyjump: hopsOf(proxyJump?.rest ?? "none"),
    proxycommand: command?.toLowerCase() === "none" ? undefined : command,
  }
}

function shown(connection: SshConnection): Answer {
  const { address, port, keepalive, connectTimeoutMs, knownHostsFiles } = connection
  const own = ["known_hosts", "known_hosts2"].map((name) => join(home, ".ssh", name))
  return {
    hostname: address,
    port,
    user: connection.user ?? user,
    identitiesonly: connection.identitiesOnly,
    hostkeyalias: connection.hostKeyAlias,
    identityagent: connection.identityAgent,
    userknownhostsfile: (knownHostsFiles ?? own).join(" "),
    acceptnew: connection.hostKeyChecking === "accept-new",
    connecttimeout: (connectTimeoutMs ?? 0) / 1000,
    serveraliveinterval: (keepalive?.intervalMs ?? 0) / 1000,
    serveralivecountmax: keepalive?.countMax ?? "any",
  }
}

function askSsh(name: string, options: readonly string[]): Map<string, string[]> | "refused" {
  const words = options.flatMap((text) => ["-o", text])
  const asked = spawnSync("ssh", ["-G", "-F", main, ...words, "--", name], { encoding: "utf8" })
  if (asked.status !== 0) return "refused"
  const answer = new Map<string, string[]>()
  for (const line of asked.stdout.split("\n")) {
    const [keyword = "", ...rest] = line.split(" ")
    answer.set(keyword, [...(answer.get(keyword) ?? []), rest.join(" ")])
  }
  return answer
}

function theirs(name: string, options: readonly string[]): Answer | "refused" {
  const answer = askSsh(name, options)
  if (answer === "refused") return answer
  const one = (keyword: string) => answer.get(keyword)?.[0]
  const interval = Number(one("serveraliveinterval"))
  const command = one("proxycommand")
  const knownHosts = one("userknownhostsfile")
  const timeout = one("connecttimeout")
  return {
    hostname: one("hostname"),
    port: Number(one("port")),
    user: one("user"),
    identitiesonly: one("identitiesonly") === "yes",
    hostkeyalias: one("hostkeyalias"),
    identityagent: one("identityagent"),
    userknownhostsfile: knownHosts === "none" ? "/dev/null" : knownHosts,
    acceptnew: one("stricthostkeychecking") === "accept-new",
    connecttimeout: timeout === "none" ? 0 : Number(timeout),
    serveraliveinterval: interval,
    serveralivecountmax:
      interval === 0 && !hasInterval(name, options) ? "any" : Number(one("serveralivecountmax")),
    identityfile: answer.get("identityfile"),
    proxyjump: hopsOf(one("proxyjump") ?? "none"),
    proxycommand: command,
  }
}

/** Whether our own reading has an interval: without it the count has no meaning. */
function hasInterval(name: string, options: readonly string[]): boolean {
  const config = readSshConfig({ home, uid, currentFolder: folder }, main)
  const question = { name, options: options.map(option), config, transport: "builtin" } as const
  return lookUp(question, around, () => undefined).first.has("serveraliveinterval")
}

let known: string[] | undefined
function defaultKeys(): string[] {
  known ??= spawnSync("ssh", ["-G", "-F", "none", "host"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.startsWith("identityfile "))
    .map((line) => line.slice("identityfile ".length))
  return known
}

function compare(config: string, name: string, options: readonly string[] = [], other = ""): void {
  writeFileSync(main, config)
  writeFileSync(second, other, { mode: 0o600 })
  expect({ config, other, name, options, is: ours(name, options) }).toEqual({
    config,
    other,
    name,
    options,
    is: theirs(name, options),
  })
}

describe.skipIf(!hasSsh)(`what \`ssh -G\` says${hasSsh ? "" : ": ssh is not installed"}`, () => {
  it.each<[string, string]>([
    ["HostName 192.0.2.1\nPort 2222\nUser u", "rs1"],
    ["Host rs?\n Port 1\nHost *\n Port 2", "rs1"],
    ["Host rs? !rs1\n Port 1\nHost *\n Port 2", "rs1"],
    ["Host !rs1 *\n Port 1", "rs1"],
    ["Host=RS1\nPort=1\nHost rs1\nPort = 2", "rs1"],
    ["Host rs1\nHostName %h.example.net\nHost *.example.net\nUser u", "rs1"],
    ["Host rs1\nHostName %h.example.net\nMatch host *.example.net\nUser u", "rs1"],
    ["Host rs1\nHostName x%%%h\nMatch originalhost rs1\nUser u", "rs1"],
    ["HostName %h.LAN", "RS1"],
    ["HostName %p", "rs1"],
    ["Match host rs1,!rs1\nPort 1\nMatch host rs*,!rs2 user nobody\nPort 2", "rs1"],
    ["User nobody\nMatch user nobody\nPort 2", "rs1"],
    ["Match !host rs2\nPort 2", "rs1"],
    ["Match exec true\nPort 2", "rs1"],
    [`Match exec "test %h = rs1 -a %n = rs1 -a %p = 22 -a %L != ''"\nPort 2`, "rs1"],
    ["Match exec false\nPort 2", "rs1"],
    ["Match !exec false host rs1\nPort 2", "rs1"],
    ["Match all\nPort 2", "rs1"],
    ["Match final\nPort 2\nMatch canonical all\nUser u", "rs1"],
    ["HostName rs9\nHost rs9\nPort 3\nMatch final all\nUser u", "rs1"],
    ["Match final all\nHostName other", "rs1"],
    ["Match canonical\nPort 2", "rs1"],
    ["Match !final\nPort 2", "rs1"],
    ["Match host rs1 all\nPort 2", "rs1"],
    ["Match", "rs1"],
    ["Match host", "rs1"],
    ["Match nonsense x\nPort 2", "rs1"],
    [`Match host "rs1"\nUser "a b"`, "rs1"],
    ["IdentityFile a\nIdentityFile b\nIdentityFile a\nIdentitiesOnly yes", "rs1"],
    [`IdentityFile "a b"\nIdentityFile 'c d'\nIdentityFile e\\ f\nIdentityFile g\\h`, "rs1"],
    ["IdentityFile none", "rs1"],
    ["IdentityFile a b", "rs1"],
    ["IdentityFile a # of the lab", "rs1"],
    [`IdentityFile "a`, "rs1"],
    [`IdentityFile 'it\\'s'`, "rs1"],
    ["Port 22 # twenty-two\n# Port 3\n   \n\tUser\tu\t", "rs1"],
    ["Port", "rs1"],
    ["Port 0", "rs1"],
    ["Port 65536", "rs1"],
    ["Host rs2\nPort 70000", "rs1"],
    ["Prot 22", "rs1"],
    ["Host rs2\nProt 22", "rs1"],
    ["IgnoreUnknown Prot,Us*\nProt 22\nUsx 3", "rs1"],
    ["Port 22 23", "rs1"],
    ["User", "rs1"],
    ["Host rs1\nProxyJump b", "rs1"],
    ["Host rs1\nProxyJump u@b:23,[2001:db8::1]:24,c", "rs1"],
    ["Host rs1\nProxyJump none\nProxyCommand nc %h %p", "rs1"],
    ["ProxyCommand nc %h %p # not a comment\nProxyJump b", "rs1"],
    ["Host rs1\nProxyJump b # a comment\nProxyCommand nc %h %p", "rs1"],
    ["Host rs1\nProxyJump ssh://u@b:23", "rs1"],
    ["ProxyJump @b", "rs1"],
    ["ProxyJump b:x", "rs1"],
    ["ProxyCommand none", "rs1"],
    ["Host rs1\nProxyCommand=ssh -W %h:%p b", "rs1"],
    ["UserKnownHostsFile /a /b%h\nUserKnownHostsFile /c", "rs1"],
    ["UserKnownHostsFile ~/k%%n_%n_%p_%r_%d_%i_%k_%l_%L_%u", "rs1"],
    ["UserKnownHostsFile /k/%C", "rs1"],
    ["UserKnownHostsFile ${HOME}/k", "rs1"],
    ["UserKnownHostsFile ${LBCTL_UNSET_VARIABLE}/k", "rs1"],
    ["UserKnownHostsFile /%z", "rs1"],
    ["UserKnownHostsFile none", "rs1"],
    ["UserKnownHostsFile none /a", "rs1"],
    [`UserKnownHostsFile "/a b" /c`, "rs1"],
    ["StrictHostKeyChecking accept-new", "rs1"],
    ["StrictHostKeyChecking perhaps", "rs1"],
    ["StrictHostKeyChecking YES", "rs1"],
    ["ConnectTimeout 1m30s\nServerAliveInterval 15\nServerAliveCountMax 2", "rs1"],
    ["ConnectTimeout none\nServerAliveInterval 0", "rs1"],
    ["ConnectTimeout none\nConnectTimeout 5", "rs1"],
    ["ConnectTimeout 1x", "rs1"],
    ["ServerAliveCountMax 9", "rs1"],
    ["IdentitiesOnly perhaps", "rs1"],
    ["HostKeyAlias alias\nIdentityAgent /run/%n/agent", "rs1"],
    ["IdentityAgent none", "rs1"],
    [`Include ${second}\nPort 2`, "rs1"],
    [`Host rs1\nInclude ${folder}/sec*.conf\nPort 2`, "rs1"],
    [`Host rs2\nInclude ${folder}/[s]econd.conf\nHost *\nPort 2`, "rs1"],
    [`Include ${main}`, "rs1"],
    [`Include ${folder}/missing*`, "rs1"],
    [`"Port" 2`, "rs1"],
    ["  Port   =   2", "rs1"],
    ["Port==2", "rs1"],
  ])("%j", (config, name) => {
    compare(config, name, [], "Port 7\nHost rs2\nUser of-rs2\nHost *\nIdentityFile second")
  })

  it.each<[string[]]>([
    [["Port=3", "User=u"]],
    [["IdentityFile=a b"]],
    [[`IdentityFile="a b"`, "IdentityFile=z"]],
    [["ProxyJump=none"]],
    [["ProxyCommand=none"]],
    [["UserKnownHostsFile=/k /l", "StrictHostKeyChecking=accept-new"]],
    [["HostName=other%h"]],
  ])("options %j come before the files", (options) => {
    compare("Port 9\nUser v\nIdentityFile b\nHostName d\nHost rs1\nProxyJump c", "rs1", options)
  })

  it("holds for jump hosts, each by its own lines", () => {
    const config =
      "Host b\nHostName b.example\nUser bu\nProxyJump a\nHost a\nPort 23\nHost rs1\nProxyJump b"
    compare(config, "rs1")
    compare(config, "b")
    compare(config, "a")
    const read = readSshConfig({ home, uid, currentFolder: folder }, main)
    const question = { name: "rs1", options: [], config: read, transport: "builtin" } as const
    expect(
      sshConnection(question, around, (problem) => expect.unreachable(problem.message)),
    ).toMatchObject({
      address: "rs1",
      via: {
        address: "b.example",
        user: "bu",
        port: 22,
        sshName: "b",
        via: { address: "a", port: 23 },
      },
    })
  })

  it("holds for any configuration", () => {
    const name = fc.constantFrom("rs1", "rs2", "lb1", "RS1", "rs1.lan")
    const pattern = fc.constantFrom("rs1", "rs*", "*", "?s1", "!rs1", "!lb*", "*.lan", "lb1")
    const quoted = (text: string) => fc.constantFrom(text, `"${text}"`, `'${text}'`, `${text} # x`)
    const between = fc.constantFrom(" ", "=", " = ", "\t")
    const entry = (keyword: string, ...values: string[]) =>
      fc
        .tuple(fc.constantFrom(...values).chain(quoted), between, fc.constantFrom("", "  "))
        .map(([value, sign, indent]) => `${indent}${keyword}${sign}${value}`)
    const line = fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .array(pattern, { minLength: 1, maxLength: 3 })
          .map((all) => `Host ${all.join(" ")}`),
      },
      {
        weight: 3,
        arbitrary: fc
          .tuple(
            fc.constantFrom("", "!"),
            fc.constantFrom("host", "originalhost", "user", "localuser"),
            fc.array(fc.oneof(pattern, fc.constant("u1")), { minLength: 1, maxLength: 2 }),
            fc.constantFrom("", "", " final", " !canonical"),
          )
          .map(([not, about, list, more]) => `Match ${not}${about} ${list.join(",")}${more}`),
      },
      fc.constantFrom(
        "Match all",
        "Match final all",
        `Include ${second}`,
        "ProxyCommand nc %h %p",
        "ProxyCommand none",
      ),
      entry("HostName", "rs1", "%h.lan", "192.0.2.7", "x%%y", "2001:db8::1"),
      entry("Port", "22", "2222", "65535"),
      entry("User", "u1", "u2", user),
      { weight: 2, arbitrary: entry("IdentityFile", "~/.ssh/a", "/b", "c%n", "none") },
      entry("IdentitiesOnly", "yes", "no", "TRUE"),
      fc.constantFrom(
        "ProxyJump b",
        "ProxyJump none",
        "ProxyJump u@b:23,c",
        "ProxyJump=[2001:db8::9]:22",
      ),
      entry("UserKnownHostsFile", "/k", "~/k_%h", "none", "${HOME}/k"),
      entry("StrictHostKeyChecking", "yes", "accept-new", "ask"),
      entry("ConnectTimeout", "5", "1m", "none"),
      entry("ServerAliveInterval", "5", "1m"),
      entry("ServerAliveCountMax", "5", "1"),
    )
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"))
    const plain = text.map((lines) => lines.replaceAll(`Include ${second}`, ""))
    const options = fc.subarray(["Port=4", "User=u1", "IdentityFile=/o", "ProxyJump=o"])
    fc.assert(
      fc.property(text, plain, name, options, (config, other, host, words) => {
        // `ssh -G` looks at no jump host: they must not lead in circles.
        compare(`Host b c o 2001*\nProxyJump none\nHost *\n${config}`, host, words, other)
      }),
      { numRuns: 80 },
    )
  })
})
