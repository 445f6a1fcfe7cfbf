import { describe, expect, it } from "vitest"
import { connectionOf } from "../../src/compile/connection.ts"
import type { SourceRef } from "../../src/core/problem.ts"
import type { Connection } from "../../src/model/fleet.ts"
import type { InventoryHost } from "../../src/schema/documents.ts"

function host(vars: Readonly<Record<string, unknown>>): InventoryHost {
  const at = (line: number): SourceRef => ({ file: "hosts.yml", line, column: 1 })
  const varAt = Object.fromEntries(Object.keys(vars).map((name, index) => [name, at(index + 2)]))
  return { name: "rs1", at: at(1), groups: ["all"], vars, varAt }
}

/** The connection of a host with these variables; throws when they have problems. */
function good(vars: Readonly<Record<string, unknown>>): Connection {
  const { connection, problems } = connectionOf(host(vars))
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return connection
}

function problems(vars: Readonly<Record<string, unknown>>): string[] {
  return connectionOf(host(vars)).problems.map(
    ({ rule, severity, message }) => `${severity ?? "error"} ${rule}: ${message}`,
  )
}

const plain = { address: "rs1", port: 22, become: false, jump: [] }

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
    expect(good(vars)).toEqual({
      address: "192.0.2.11",
      port: 2222,
      user: "deploy",
      privateKeyFile: "~/.ssh/id_lab",
      become: true,
      knownHostsFiles: ["lab/known_hosts"],
      jump: ["admin@192.0.2.1:2022", "b2"],
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
    [{ ansible_private_key_file: "k" }, { privateKeyFile: "k" }],
    [{ ansible_become: "True" }, { become: true }],
    [{ ansible_become: "no", ansible_become_user: "app" }, { become: false }],
  ])("%j", (vars, expected) => {
    expect(good(vars)).toMatchObject(expected)
  })

  it.each([
    ["-o ProxyJump=b", { jump: ["b"] }],
    ["-o 'ProxyJump ssh://u@[2001:db8::1]:22'", { jump: ["ssh://u@[2001:db8::1]:22"] }],
    ["-J none", { jump: [] }],
    ["-J a -J b", { jump: ["a"] }],
    [`-o ProxyCommand="ssh -W %h:%p -q bastion"`, { jump: ["bastion"] }],
    [
      `-o 'ProxyCommand=ssh -p 2022 -l me -o BatchMode=yes bastion -W %h:%p'`,
      { jump: ["me@bastion:2022"] },
    ],
    ["-i key -p 2022 -l u", { privateKeyFile: "key", port: 2022, user: "u" }],
    [`-o UserKnownHostsFile="a 'b c'"`, { knownHostsFiles: ["a", "b c"] }],
    ["-o StrictHostKeyChecking=yes -o ControlMaster=auto -o ControlPersist=60s -q", plain],
    ["-o PreferredAuthentications=publickey -o PasswordAuthentication=no", plain],
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
      { ansible_ssh_common_args: "-C" },
      "warning connection-ignored: ansible_ssh_common_args: -C cannot be honoured",
    ],
    [
      { ansible_ssh_extra_args: "-F cfg" },
      "warning connection-ignored: ansible_ssh_extra_args: -F cfg cannot be honoured",
    ],
    [
      { ansible_ssh_common_args: "-o ConnectTimeout=5" },
      "warning connection-ignored: ansible_ssh_common_args: -o ConnectTimeout=5 cannot be honoured",
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
      { ansible_ssh_private_key_file: "a", ansible_ssh_common_args: "-i b" },
      "warning connection-ignored: ansible_ssh_common_args: -i b cannot be honoured",
    ],
    [{ ansible_ssh_timeout: 5 }, "warning connection-ignored: ansible_ssh_timeout has no effect"],
    [
      { ansible_become: true, ansible_become_flags: "-H" },
      "warning connection-ignored: ansible_become_flags has no effect",
    ],
    [
      { ansible_ssh_common_args: "-o ProxyCommand='nc -X 5 %h %p'" },
      "error connection-unsupported: ansible_ssh_common_args: -o ProxyCommand=nc -X 5 %h %p cannot be honoured",
    ],
    [
      { ansible_ssh_common_args: "-o HostName=x" },
      "error connection-unsupported: ansible_ssh_common_args: -o HostName=x cannot be honoured",
    ],
    [
      { ansible_ssh_common_args: "-J -oProxyCommand=x" },
      "error connection-unsupported: ansible_ssh_common_args: -J -oProxyCommand=x cannot be honoured",
    ],
    [
      { ansible_connection: "local" },
      "error connection-unsupported: ansible_connection is local: lbctl connects by ssh only",
    ],
    [
      { ansible_become: true, ansible_become_method: "doas" },
      "error connection-unsupported: ansible_become_method is doas: lbctl becomes root by sudo only",
    ],
    [
      { ansible_become: true, ansible_become_user: "app" },
      "error connection-unsupported: ansible_become_user is app: lbctl needs root",
    ],
  ])("%j", (vars, expected) => {
    expect(problems(vars)).toEqual([expected])
  })

  it("never repeats a secret", () => {
    const names = [
      "ansible_password",
      "ansible_ssh_pass",
      "ansible_become_password",
      "ansible_ssh_private_key_passphrase",
    ]
    const vars = Object.fromEntries(names.map((name) => [name, "s3cret"]))
    const found = connectionOf(host({ ...vars, ansible_become: true })).problems
    expect(found.map(({ rule }) => rule)).toEqual([
      "connection-ignored",
      "connection-unsupported",
      "connection-unsupported",
      "connection-ignored",
    ])
    expect(JSON.stringify(found)).not.toContain("s3cret")
  })
})

describe("bad values", () => {
  it.each([
    [{ ansible_port: 0 }, 'error connection-value: the SSH port is "0"'],
    [{ ansible_port: 65_536 }, 'error connection-value: the SSH port is "65536"'],
    [{ ansible_ssh_port: "ssh" }, 'error connection-value: the SSH port is "ssh"'],
    [{ ansible_ssh_common_args: "-p 1e3" }, 'error connection-value: the SSH port is "1e3"'],
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
      connectionOf({ ...host({ ansible_port: 0 }), name, varAt: { ansible_port: at } }).problems
    expect(of("rs1")).toMatchObject([{ at }])
    expect(of("rs1")).toEqual(of("rs2"))
  })
})
