import { describe, expect, it } from "vitest"
import { connectionOf } from "../../src/compile/connection.ts"
import type { SourceRef } from "../../src/core/problem.ts"
import { Secret } from "../../src/core/secret.ts"
import type { Connection } from "../../src/model/fleet.ts"
import { surroundings } from "../surroundings.ts"
import type { InventoryHost } from "../../src/schema/documents.ts"

function host(vars: Readonly<Record<string, unknown>>): InventoryHost {
  const at = (line: number): SourceRef => ({ file: "hosts.yml", line, column: 1 })
  const varAt = Object.fromEntries(Object.keys(vars).map((name, index) => [name, at(index + 2)]))
  return { name: "rs1", at: at(1), groups: ["all"], vars, varAt }
}

/** The connection of a host with these variables; throws when they have problems. */
function good(vars: Readonly<Record<string, unknown>>): Connection {
  const { connection, problems } = connectionOf(host(vars), surroundings())
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return connection
}

function problems(vars: Readonly<Record<string, unknown>>): string[] {
  return connectionOf(host(vars), surroundings()).problems.map(
    ({ rule, severity, message }) => `${severity ?? "error"} ${rule}: ${message}`,
  )
}

const direct = {
  identitiesOnly: false,
  hostKeyChecking: "strict",
  transport: "builtin",
  sshArguments: [],
}
const plain = { ...direct, address: "rs1", port: 22 }
const sudo = { method: "sudo", user: "root" }

describe("connectionOf", () => {
  it("reaches a host without variables by its name", () => {
    expect(good({})).toEqual(plain)
  })

  it("takes all of Ansible's variables", () => {
    const vars = {
      ansible_host: "192.0.2.11",
      ansible_port: 2222,
      ansible_user: "deploy",
      ansible_ssh_private_key_file: "~/.ssh/id_lab",
      ansible_become: true,
      ansible_become_method: "sudo",
      ansible_become_user: "root",
      ansible_connection: "ssh",
      ansible_ssh_common_args: "-o UserKnownHostsFile=lab/known_hosts -J admin@192.0.2.1:2022,b2",
      ansible_python_interpreter: "{{ anything }}",
    }
    const hop = {
      ...direct,
      identityFiles: ["/home/op/.ssh/id_lab"],
      knownHostsFiles: ["lab/known_hosts", "~/.ssh/known_hosts"],
    }
    expect(good(vars)).toEqual({
      ...direct,
      address: "192.0.2.11",
      port: 2222,
      user: "deploy",
      identityFiles: ["/home/op/.ssh/id_lab"],
      become: sudo,
      knownHostsFiles: ["lab/known_hosts"],
      via: {
        ...hop,
        address: "b2",
        port: 22,
        via: { ...hop, address: "192.0.2.1", port: 2022, user: "admin" },
      },
    })
  })

  it.each([
    [
      { ansible_ssh_host: "h", ansible_ssh_port: "2022", ansible_ssh_user: "u" },
      { address: "h", port: 2022, user: "u" },
    ],
    [{ ansible_host: "new", ansible_ssh_host: "old" }, { address: "old" }],
    [{ ansible_ssh_host: "old", ansible_host: null }, { address: "old" }],
    [
      { ansible_host: null, ansible_port: null },
      { address: "rs1", port: 22 },
    ],
    [{ ansible_user: 1000 }, { user: "1000" }],
    [{ ansible_private_key_file: "k" }, { identityFiles: ["k"] }],
    [{ ansible_become: "True" }, { become: sudo }],
    [
      {
        ansible_become: true,
        ansible_become_method: "community.general.doas",
        ansible_become_exe: "/bin/doas",
        ansible_become_flags: "-C 'a b'",
      },
      { become: { method: "doas", user: "root", executable: "/bin/doas", flags: ["-C", "a b"] } },
    ],
    [{ ansible_become: true, ansible_become_user: "0" }, { become: sudo }],
    [{ ansible_ssh_timeout: 5 }, { connectTimeoutMs: 5000 }],
    [
      { ansible_ssh_private_key_file: "a", ansible_ssh_common_args: "-i b" },
      { identityFiles: ["a", "b"] },
    ],
    [{ ansible_become: "no", ansible_become_user: "app" }, plain],
  ])("%j", (vars, expected) => {
    expect(good(vars)).toMatchObject(expected)
  })

  it.each([
    ["-o ProxyJump=b", { via: { address: "b", port: 22 } }],
    [
      "-o 'ProxyJump ssh://u@[2001:db8::1]:22'",
      { via: { user: "u", address: "2001:db8::1", port: 22 } },
    ],
    ["-J none", plain],
    ["-J a -J b", { via: { address: "a" } }],
    [`-o ProxyCommand="ssh -W %h:%p -q bastion"`, { via: { address: "bastion" } }],
    [
      `-o 'ProxyCommand=ssh -p 2022 -l me -o BatchMode=yes bastion -W %h:%p'`,
      { via: { user: "me", address: "bastion", port: 2022 } },
    ],
    ["-i key -p 2022 -l u", { identityFiles: ["key"], port: 2022, user: "u" }],
    [`-o UserKnownHostsFile="a 'b c'"`, { knownHostsFiles: ["a", "b c"] }],
    ["-o StrictHostKeyChecking=yes -q", plain],
    [
      "-C -o ControlMaster=auto",
      { ...plain, sshArguments: ["-o", "compression=yes", "-o", "controlmaster=auto"] },
    ],
    [
      "-o PreferredAuthentications=publickey",
      { ...plain, sshArguments: ["-o", "preferredauthentications=publickey"] },
    ],
    ["-i a -o IdentityFile=~/b", { identityFiles: ["a", "/home/op/b"] }],
    [
      "-o ConnectTimeout=1m -o ServerAliveInterval=7",
      { connectTimeoutMs: 60_000, keepalive: { intervalMs: 7000, countMax: 3 } },
    ],
    ["-o ProxyCommand='nc -X 5 %h %p'", { proxyCommand: "nc -X 5 rs1 22" }],
    ["-o HostName=%h.lan", { address: "rs1.lan", sshName: "rs1" }],
    ["-o StrictHostKeyChecking=accept-new", { hostKeyChecking: "accept-new" }],
    ["-o UserKnownHostsFile=none", { knownHostsFiles: ["/dev/null"] }],
  ])("understands ansible_ssh_common_args %s", (args, expected) => {
    expect(good({ ansible_ssh_common_args: args })).toMatchObject(expected)
  })

  it("lets ansible_ssh_args come before the variables, and the others after, as Ansible's command line does", () => {
    const common = { ansible_ssh_common_args: "-p 1 -l c", ansible_ssh_extra_args: "-p 2 -l e" }
    expect(good(common)).toMatchObject({ port: 1, user: "c" })
    expect(good({ ...common, ansible_port: 3 })).toMatchObject({ port: 3, user: "c" })
    expect(good({ ...common, ansible_port: 3, ansible_ssh_args: "-p 4" })).toMatchObject({
      port: 4,
    })
  })
})

describe("what cannot be honoured", () => {
  it.each([
    [
      { ansible_ssh_common_args: "-o Ciphers=aes128-ctr" },
      "warning connection-ignored: ansible_ssh_common_args: -o Ciphers=aes128-ctr cannot be honoured by the built-in client",
    ],
    [
      { ansible_ssh_common_args: "-o RevokedHostKeys=krl" },
      "error connection-unsupported: ansible_ssh_common_args: -o RevokedHostKeys=krl cannot be honoured by the built-in client",
    ],
    [
      { ansible_ssh_common_args: "-4" },
      "warning connection-ignored: ansible_ssh_common_args: -4 cannot be honoured by the built-in client",
    ],
    [
      { ansible_ssh_common_args: "-N" },
      "warning connection-ignored: ansible_ssh_common_args: -N cannot be honoured",
    ],
    [
      { ansible_ssh_common_args: "-o StrictHostKeyChecking=no" },
      "warning connection-ignored: ansible_ssh_common_args: -o StrictHostKeyChecking=no has no effect: lbctl checks every host key",
    ],
    [
      { ansible_host_key_checking: false },
      "warning connection-ignored: ansible_host_key_checking: false has no effect: lbctl checks every host key",
    ],
    [
      { ansible_ssh_common_args: "bastion" },
      "warning connection-ignored: ansible_ssh_common_args: bastion is no option of ssh",
    ],
    [
      { ansible_ssh_executable: "/opt/ssh" },
      "warning connection-ignored: ansible_ssh_executable has no effect",
    ],
    [
      { ansible_connection: "local" },
      "error connection-unsupported: ansible_connection is local: lbctl connects by ssh only",
    ],
    [
      { ansible_become: true, ansible_become_method: "su" },
      "error connection-unsupported: ansible_become_method is su: lbctl becomes root by sudo or doas only",
    ],
    [
      { ansible_become: true, ansible_become_user: "app" },
      "error connection-unsupported: ansible_become_user is app: lbctl needs root",
    ],
  ])("%j", (vars, expected) => {
    expect(problems(vars)).toEqual([expected])
  })

  it("is left to the system's ssh where that connects", () => {
    const args = "-o Ciphers=aes128-ctr -o RevokedHostKeys=krl -4 -F none"
    expect(good({ lbctl_transport: "ssh", ansible_ssh_common_args: args })).toMatchObject({
      transport: "ssh",
      sshArguments: [
        "-F",
        "none",
        "-o",
        "ciphers=aes128-ctr",
        "-o",
        "revokedhostkeys=krl",
        "-o",
        "addressfamily=inet",
      ],
    })
  })

  it("never repeats a secret, and hands it on", () => {
    const { connection, problems: found } = connectionOf(
      host({
        ansible_password: "s3cret",
        ansible_become: "yes",
        ansible_become_pass: new Secret("s3cret too"),
        ansible_ssh_private_key_passphrase: "s3cret three",
      }),
      surroundings(),
    )
    expect(connection.password?.reveal()).toBe("s3cret")
    expect(connection.become?.password?.reveal()).toBe("s3cret too")
    expect(JSON.stringify([connection, found])).not.toContain("s3cret")
    expect(problems({ ansible_password: ["s3cret"] })).toEqual([
      "error connection-value: ansible_password is no text",
    ])
  })
})

describe("bad values", () => {
  it.each([
    [{ ansible_port: 0 }, 'error connection-value: ansible_port: "0" cannot stand there'],
    [{ ansible_port: 65_536 }, 'error connection-value: ansible_port: "65536" cannot stand there'],
    [
      { ansible_ssh_port: "ssh" },
      'error connection-value: ansible_ssh_port: "ssh" cannot stand there',
    ],
    [
      { ansible_ssh_common_args: "-p 1e3" },
      'error connection-value: ansible_ssh_common_args: -p 1e3: "1e3" cannot stand there',
    ],
    [
      { ansible_host: "a$(b)" },
      'error connection-value: ansible_host is "a$(b)", which is no name or address',
    ],
    [{ lbctl_transport: "telnet" }, 'error connection-value: lbctl_transport is "telnet"'],
    [
      { ansible_ssh_common_args: "-J -oProxyCommand=x" },
      'error connection-value: ansible_ssh_common_args: -J -oProxyCommand=x: "-oProxyCommand=x" names no jump host',
    ],
    [
      { ansible_ssh_common_args: "-o Prot=22" },
      "error connection-value: ansible_ssh_common_args: -o Prot=22: there is no option prot",
    ],
    [
      { ansible_ssh_common_args: "-o ConnectTimeout=soon" },
      'error connection-value: ansible_ssh_common_args: -o ConnectTimeout=soon: "soon" cannot stand there',
    ],
    [
      { ansible_ssh_common_args: "-i %z" },
      "error connection-value: ansible_ssh_common_args: -i %z: %z is no token that can stand there",
    ],
    [{ ansible_host: ["a"] }, 'error connection-value: ansible_host is ["a"], where text belongs'],
    [
      { ansible_host: "-oX" },
      'error connection-value: ansible_host is "-oX", which is no name or address',
    ],
    [
      { ansible_user: "a b" },
      'error connection-value: ansible_user is "a b", which is no name or address',
    ],
    [
      { ansible_become: "perhaps" },
      'error connection-value: ansible_become is "perhaps", where true or false belongs',
    ],
    [
      { ansible_ssh_common_args: "-o 'x" },
      "error connection-value: ansible_ssh_common_args cannot be read: a quote stays open, or an option lacks its argument",
    ],
    [
      { ansible_host: "{{ inventory_hostname }}.lan" },
      "error inventory-template: ansible_host holds a Jinja template, which lbctl does not evaluate",
    ],
    [
      { lbctl_address: ["{{ x }}"] },
      "error inventory-template: lbctl_address holds a Jinja template, which lbctl does not evaluate",
    ],
  ])("%j", (vars, expected) => {
    expect(problems(vars)).toEqual([expected])
  })

  it("stand at the variable, and are equal for hosts that share it", () => {
    const at = { file: "group_vars/all.yml", line: 7, column: 3 }
    const of = (name: string): unknown =>
      connectionOf(
        { ...host({ ansible_port: 0 }), name, varAt: { ansible_port: at } },
        surroundings(),
      ).problems
    expect(of("rs1")).toMatchObject([{ at }])
    expect(of("rs1")).toEqual(of("rs2"))
  })
})
