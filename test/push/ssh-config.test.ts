import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { hostname, userInfo } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

import { connectionOf } from "../../src/compile/connection.ts"
import { readSshConfig } from "../../src/load/ssh-config.ts"
import type { Connection } from "../../src/model/fleet.ts"
import { openConnector } from "../../src/push/connector.ts"
import { surroundings } from "../surroundings.ts"
import type { Sshd } from "./sshd.ts"
import { hasSshd, startSshd } from "./sshd.ts"

describe.skipIf(!hasSshd)("connections that ssh_config describes", () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
    sshd.know(`alias ${sshd.hostKey}\n`)
  })
  afterAll(() => sshd.stop())

  /** The connection to a host of the inventory that only the file knows how to reach. */
  function toHost(config: string, vars: Readonly<Record<string, unknown>>): Connection {
    const file = join(sshd.folder, "config")
    writeFileSync(file, config)
    const at = { file: "hosts.yml", line: 1, column: 1 }
    const { user, home } = sshd
    const places = { home, uid: process.getuid?.() ?? 0, currentFolder: sshd.folder }
    const { connection, problems } = connectionOf(
      {
        name: "rs1",
        at,
        groups: [],
        vars: { ansible_ssh_common_args: `-F ${file}`, ...vars },
        varAt: {},
      },
      surroundings({
        user,
        home,
        uid: places.uid,
        hostName: hostname(),
        config: (named) => readSshConfig(places, named),
      }),
    )
    expect(problems).toEqual([])
    return connection
  }

  const config = () => `
Host rs? bastion
  HostName 127.0.0.1
  Port ${sshd.port}
  HostKeyAlias alias
  IdentityFile ${sshd.home}/.ssh/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile ${sshd.home}/.ssh/known_hosts
`

  async function answer(connection: Connection): Promise<string> {
    const connector = openConnector({ home: sshd.home, user: sshd.user, retryPausesMs: [] })
    try {
      const transport = await connector.connect(connection)
      const { stdout } = await transport.exec("echo reached", { timeoutMs: 10_000 })
      transport.close()
      return stdout
    } finally {
      connector.close()
    }
  }

  it.each(["builtin", "ssh"])("are made by the transport %s", async (lbctl_transport) => {
    expect(await answer(toHost(config(), { lbctl_transport }))).toBe("reached\n")
  })

  it.each(["builtin", "ssh"])("lead through jump hosts by the transport %s", async (by) => {
    const jumping = `${config()}Host rs1\n  ProxyJump bastion\n`
    const connection = toHost(jumping, { lbctl_transport: by })
    expect(connection.via?.sshName).toBe("bastion")
    expect(await answer(connection)).toBe("reached\n")
  })

  it.each(["builtin", "ssh"])("lead through a command by the transport %s", async (by) => {
    const log = join(sshd.folder, `command-${by}`)
    const command = `echo %h %n %p %r %% > ${log}; exec ssh -F none -i ${sshd.home}/.ssh/id_ed25519 -o UserKnownHostsFile=${sshd.home}/.ssh/known_hosts -o HostKeyAlias=alias -p %p -W %h:%p %r@%h`
    const connection = toHost(`${config()}Host rs1\n  ProxyCommand sh -c '${command}'\n`, {
      lbctl_transport: by,
    })
    expect(await answer(connection)).toBe("reached\n")
    expect(spawnSync("cat", [log], { encoding: "utf8" }).stdout).toBe(
      `127.0.0.1 rs1 ${sshd.port} ${sshd.user} %\n`,
    )
  })

  it("offer the key files that ssh -v names, tokens filled in", () => {
    const text = `IdentityFile ~/%n_%h_%p_%r_%u_%d_%i_%L_%l_%%\nIdentityFile "/a b"\n`
    const port = String(sshd.port)
    const files = toHost(text, { ansible_port: port, ansible_host: "127.0.0.1" }).identityFiles
    const file = join(sshd.folder, "config")
    const words = ["-v", "-F", file, "-o", "BatchMode=yes", "-p", port, "127.0.0.1", "true"]
    const { stderr } = spawnSync("ssh", words, { encoding: "utf8" })
    const named = [...stderr.matchAll(/identity file (.*) type /g)].map(([, path]) => path)
    // ssh takes the home folder from the password file.
    expect(files?.map((path) => path.replaceAll(sshd.home, userInfo().homedir))).toEqual(
      named.filter((path) => path?.endsWith("-cert") === false),
    )
  })
})
