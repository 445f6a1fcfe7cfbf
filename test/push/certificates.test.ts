import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

import type { Connection } from "../../src/model/fleet.ts"
import type { Connector } from "../../src/push/connector.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Sshd } from "./sshd.ts"
import { hasPrivateSshd, startSshd } from "./sshd.ts"

const hasSsh = spawnSync("ssh", ["-V"]).status === 0
const sign = "ssh-keygen -q -s FOLDER/ca"

describe.skipIf(!hasPrivateSshd || !hasSsh)("a host and a user with certificates", () => {
  let sshd: Sshd
  let connector: Connector

  beforeAll(async () => {
    sshd = await startSshd([], {
      commands: [
        "ssh-keygen -q -t ed25519 -N '' -f FOLDER/ca",
        `${sign} -I host -h -n 127.0.0.1 FOLDER/host_key.pub`,
        `${sign} -I user -n root FOLDER/home/.ssh/id_ed25519.pub`,
        "echo 'HostCertificate FOLDER/host_key-cert.pub' >>FOLDER/sshd_config",
        "echo 'TrustedUserCAKeys FOLDER/ca.pub' >>FOLDER/sshd_config",
        // Only the certificate lets the user in.
        ": >FOLDER/authorized_keys",
      ],
    })
  })
  afterAll(() => sshd.stop())
  beforeEach(() => {
    connector = openConnector({ home: sshd.home, user: sshd.user })
    return () => connector.close()
  })

  function by(transport: Connection["transport"]): Connection {
    return {
      ...sshd.connection,
      transport,
      sshArguments: ["-F", "/dev/null"],
      identityFiles: [join(sshd.home, ".ssh/id_ed25519")],
      knownHostsFiles: [join(sshd.home, ".ssh/known_hosts")],
    }
  }

  function trust(marker: string): void {
    const authority = readFileSync(join(sshd.folder, "ca.pub"), "utf8").trim()
    sshd.know(`${marker} [127.0.0.1]:${sshd.port} ${authority}\n`)
  }

  it("is reached by the system's ssh, which knows the host by its authority", async () => {
    trust("@cert-authority")
    const transport = await connector.connect(by("ssh"))
    expect(await transport.exec("echo in", { timeoutMs: 10_000 })).toMatchObject({ stdout: "in\n" })
    transport.close()
  })

  it("is refused once the authority is revoked", async () => {
    trust("@revoked")
    await expect(connector.connect(by("ssh"), { once: true })).rejects.toMatchObject({
      code: "unreachable",
    })
  })

  it("sends the user of the built-in client to the system's ssh", async () => {
    trust("@cert-authority")
    await expect(connector.connect(by("builtin"), { once: true })).rejects.toMatchObject({
      code: "unreachable",
      hint: expect.stringContaining("transport") as string,
    })
  })
})
