import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"

const patience = { timeout: 60_000, interval: 500 }

// Its operator sets rs2 up by the script that lbctl prints; from then on whoever logs in to it fails.
describe.skipIf(skipWithoutLab())("a real server that lbctl does not manage", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1", "rs2"] })
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    const unmanaged = "lbctl_managed: false\nansible_connection: winrm\n"
    inventory = new Inventory(lab, { files: { "inventories/lab/host_vars/rs2.yml": unmanaged } })
    const script = await inventory.lbctl("realserver script rs2")
    expect([script.code, script.stderr]).toEqual([0, ""])
    const byHand = "cat >lvs-real && sh lvs-real start && sh lvs-real status && systemctl stop ssh"
    await lab.node("rs2").must(byHand, { input: script.stdout })
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Names of the real servers that answer the client on the VIP. */
  async function answering(): Promise<Set<string>> {
    const asked = Array.from({ length: 8 }, () =>
      lab.client.exec(["curl", "-s", "-m", "2", `http://${vip}/`]),
    )
    const bodies = (await Promise.all(asked)).map(({ stdout }) => stdout.split(" ")[0] ?? "")
    return new Set(bodies)
  }

  it("is balanced to, named by the apply, and never logged in to", async () => {
    const attempt = `tcp dst port 22 and tcp[tcpflags] == tcp-syn`
    const logins = await lab.capture(`${attempt} and dst host ${lab.node("rs2").address}`)
    const first = await inventory.apply()
    expect(first.code, first.stdout + first.stderr).toBe(0)
    expect(first.stdout).toContain("Not managed: rs2 (lbctl_managed: false)\n")
    const again = await inventory.apply()
    expect(again.code, again.stdout + again.stderr).toBe(0)
    expect(again.stdout).toContain("No changes. 2 hosts hold what the definition says.")
    for (const command of ["drift", "history", "realserver status", "doctor"])
      expect((await inventory.lbctl(command)).code, command).toBeLessThan(3)
    expect((await logins.stop()).trim()).toBe("")
    await until("both real servers in the pool", patience, async () => {
      const names = await answering()
      return names.size === 2 && names.has("rs1") && names.has("rs2")
    })
  })

  it("is proved from outside by verify", async () => {
    const { code, stdout, stderr } = await inventory.lbctl("realserver verify", "--limit", "rs2")
    expect(stdout).toMatch(/^rs2 +tcp 10\.77\.0\.100:80 +answers$/m)
    expect(stdout).toMatch(/^rs2 +tcp \[fd77::100\]:80 +answers$/m)
    expect([code, stderr]).toEqual([0, ""])
  })

  it("is drained by its directors as any other", async () => {
    const drained = await inventory.lbctl("drain rs2")
    expect(drained.code, drained.stdout + drained.stderr).toBe(0)
    await until("rs1 alone", patience, async () => {
      const names = await answering()
      return names.size === 1 && names.has("rs1")
    })
    const resumed = await inventory.lbctl("resume rs2")
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0)
  })
})
