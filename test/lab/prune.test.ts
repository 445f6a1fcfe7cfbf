import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"

const [vip, foreign] = ["10.77.0.100", "198.51.100.9"]

describe.skipIf(skipWithoutLab())("lbctl realserver prune", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    inventory = new Inventory(lab)
    const applied = await inventory.apply()
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  const prune = (...more: readonly string[]) => inventory.lbctl("realserver prune", ...more)
  const onLoopback = async (): Promise<string[]> =>
    (await lab.node("rs1").must("ip -o address show dev lo")).match(/\S+\/\d+/g) ?? []

  it("takes away what others left of the fleet's VIPs, and names what else they left", async () => {
    const rs1 = lab.node("rs1")
    const left = [`${vip}/31`, `${foreign}/32`]
    const own = (await onLoopback()).filter((cidr) => !left.includes(cidr))
    await rs1.must(`ip address replace ${vip}/31 dev lo; ip address replace ${foreign}/32 dev lo
printf '#!/bin/sh\\nip address add ${foreign}/32 dev lo\\n' >/etc/init.d/lvs_real
echo net.ipv4.conf.all.arp_ignore = 0 >/etc/sysctl.d/99-lvs.conf`)
    const asked = await prune()
    expect(asked.stdout).toContain(`- address ${vip}/31: from lo`)
    expect(asked.stdout).not.toContain(`address ${foreign}`)
    expect(asked.code).toBe(3)
    expect(await onLoopback()).toEqual(expect.arrayContaining([`${vip}/31`]))
    const { code, stdout, stderr } = await prune("--yes")
    expect(code, stdout + stderr).toBe(0)
    expect((await onLoopback()).sort()).toEqual([...own, `${foreign}/32`].sort())
    for (const told of [
      `rs1: ${foreign}/32 on lo is no VIP of this fleet: left alone`,
      `rs1: /etc/init.d/lvs_real names ${foreign}, and may bring it back`,
      "rs1: /etc/sysctl.d/99-lvs.conf sets net.ipv4.conf.all.arp_ignore to 0, and lbctl wants 1",
    ])
      expect(stderr).toContain(told)
    await rs1.must("test -e /etc/init.d/lvs_real && test -e /etc/sysctl.d/99-lvs.conf")
  })

  it("takes away an address of others that is named, and no other", async () => {
    const rs1 = lab.node("rs1")
    await rs1.must(`ip address replace ${foreign}/32 dev lo`)
    const wrong = await prune("--yes", "--foreign", "127.0.0.1")
    expect(wrong.stderr).toContain(`there are ${foreign}`)
    expect(wrong.code).toBe(3)
    const { code, stdout, stderr } = await prune("--yes", "--foreign", foreign)
    expect(code, stdout + stderr).toBe(0)
    expect(await onLoopback()).not.toContain(`${foreign}/32`)
    expect((await lab.client.exec(["curl", "-sf", "-m", "5", `http://${vip}/`])).stdout).toContain(
      "rs1",
    )
  })

  it("finds nothing more then, and a plan does not either", async () => {
    const again = await prune("--yes")
    expect([again.code, again.stdout]).toEqual([0, "No VIPs of others to take away.\n"])
    expect((await inventory.lbctl("plan", "--detailed-exitcode")).code).toBe(0)
  })

  it("does nothing to a host that is not as it is defined", async () => {
    const rs1 = lab.node("rs1")
    await rs1.must(`ip address replace ${vip}/31 dev lo; sysctl -qw net.ipv4.conf.all.arp_ignore=0`)
    const { code, stderr } = await prune("--yes")
    await rs1.must("sysctl -qw net.ipv4.conf.all.arp_ignore=1")
    expect(stderr).toContain("rs1 is not as it is defined: nothing was taken away")
    expect(code).toBe(1)
    expect(await onLoopback()).toContain(`${vip}/31`)
  })
})
