import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sha256 } from "../../src/core/digest.ts"
import { hasPrivateSshd, startSshd, type Sshd } from "../push/sshd.ts"
import { folder, repository, usual } from "./repository.ts"
import { lbctl, type Ended } from "./run.ts"

const secret = "x9-Q7_secret"
const role = (text: string): string => `applies_to: { groups: [app] }
files:
  - { path: /opt/secret.conf, content: "password={{vars.password}}\\n", mode: "0600" }
  - { path: /opt/plain.conf, content: "${text}\\n" }
`

describe("-v", () => {
  it("contradicts -q", async () => {
    const { code, stderr } = await lbctl(["plan", "-v", "-q"], { cwd: folder() })
    expect(code).toBe(3)
    expect(stderr).toContain("cannot be used with option '-q, --quiet'")
  })

  it("tells why a host was not reached, where it stands in the command line not mattering", async () => {
    const host = "{ ansible_host: 127.0.0.1, ansible_port: 1 }"
    const cwd = repository({
      "inventories/prod/hosts.yml": `${usual["inventories/prod/hosts.yml"]}    app: { hosts: { app1: ${host} } }\n`,
      "roles/app/role.yml": role("hunter2").replace("{{vars.password}}", "none"),
    })
    const { code, stderr } = await lbctl(["-v", "plan", "--limit", "app"], { cwd })
    expect(code).toBe(4)
    expect(stderr).toMatch(
      /^app1: not connected to root@127\.0\.0\.1:1, by the built-in client, af/,
    )
  })
})

describe.skipIf(!hasPrivateSshd)("a plan and an apply told with -v", () => {
  let sshd: Sshd
  let cwd = ""

  beforeAll(async () => {
    sshd = await startSshd(["/var/lib", "/opt"])
  })
  afterAll(async () => {
    await sshd.stop()
  })

  const run = (...args: string[]): Promise<Ended> =>
    lbctl([...args, "--limit", "app"], { cwd, env: { HOME: sshd.home, APP_PASSWORD: secret } })

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }

  /** In clear, encoded, or as a hash by which it could be found. */
  function formsOf(text: string): string[] {
    return [text, `password=${text}\n`, `${text}\n`].flatMap((form) => [
      form.trim(),
      sha256(form),
      Buffer.from(form).toString("base64").slice(0, 12),
    ])
  }

  it("names host, way and steps on standard error, and holds no content of a file", async () => {
    // The system's ssh takes the home of the password file, whatever HOME says.
    const files = `-i ${sshd.home}/.ssh/id_ed25519 -o UserKnownHostsFile=${sshd.home}/.ssh/known_hosts`
    const host = `{ ansible_host: 127.0.0.1, ansible_port: ${sshd.port}, ansible_user: ${sshd.user}, ansible_ssh_common_args: "${files}" }`
    cwd = repository({
      "inventories/prod/hosts.yml": `${usual["inventories/prod/hosts.yml"]}    app: { hosts: { app1: ${host} } }\n`,
      "inventories/prod/group_vars/app.yml": "password: !env APP_PASSWORD\n",
      "roles/app/role.yml": role("hunter2"),
    })
    const told: string[] = []

    const silent = await run("plan", "--json")
    const plan = await run("plan", "-v", "--json")
    expect({ code: plan.code, stdout: plan.stdout }).toEqual({ code: 0, stdout: silent.stdout })
    const way = `${sshd.user}@127.0.0.1:${sshd.port}, by the built-in client`
    expect(plan.stderr).toContain(`app1: connected to ${way}`)
    expect(plan.stderr).toMatch(/^app1: observe took \d/m)
    expect(plan.stderr).not.toContain("app1: >")

    const other = await run("plan", "-v", "--transport", "ssh")
    expect(other.stderr).toMatch(/^app1: connected to .*, by the system's ssh, in \d/m)
    expect(other.stderr).toMatch(/^app1: observe took \d/m)

    const applied = await run("apply", "--yes", "-vv")
    expect(applied.code).toBe(0)
    expect(applied.stderr).toMatch(
      /^app1: > sh -c 'umask 077; mkdir -p \/var\/lib\/lbctl\/stage\//m,
    )
    for (const record of ["staged", "armed 30", "activated", "confirmed"])
      expect(applied.stderr).toMatch(new RegExp(`^app1: < ${record}$`, "m"))
    expect(applied.stderr).toMatch(
      /^app1: stage took .*, transaction [a-z0-9-]+, release [0-9a-f]{12}/m,
    )
    expect(applied.stderr.match(/^app1: connected to/gm)).toHaveLength(2)
    told.push(applied.stderr)

    // What the host holds comes back with the answer: the content of a file that is to change.
    write("roles/app/role.yml", role("changed"))
    const again = await run("plan", "-vv")
    expect(again.stderr).toMatch(/^app1: < content \/opt\/plain\.conf \(8 bytes\)$/m)
    expect(again.stderr).toMatch(/^app1: < file \(hash\) \S+ root:root \/opt\/secret\.conf$/m)
    expect(again.stderr).toMatch(/^app1: observe took .*, release [0-9a-f]{12}, \d+ bytes sent,/m)
    told.push(again.stderr)

    for (const form of [secret, "hunter2"].flatMap(formsOf))
      for (const text of told) expect(text).not.toContain(form)
  })
})
