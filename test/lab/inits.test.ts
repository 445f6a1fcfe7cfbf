import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Operation } from "../../src/model/plan.ts"
import * as commands from "../../src/wire/commands.ts"
import { stageTar } from "../../src/wire/stage.ts"
import { nodeScript } from "../../src/cli/assets.ts"
import { bundle } from "../plan/fixtures.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"
import { beginsAt, openOn, TwoStates } from "./two-states.ts"

const vip = "10.77.0.100"
const extraVip = "10.77.0.101"
const service = "/etc/init.d/lbctl-realserver"

/** What a release decides on a real server, in words that BusyBox has too; one a line. */
const holdingScript = `
find /etc/init.d /etc/rc?.d /etc/runlevels /etc/sysctl.d /usr/local/sbin 2>/dev/null | grep -e lbctl -e lvs-real
for key in all/arp_ignore all/arp_announce default/arp_ignore default/arp_announce; do
  echo "$key $(cat /proc/sys/net/ipv4/conf/$key)"
done
ip -o address show dev lo
readlink /var/lib/lbctl/current
true`

async function holding(node: LabNode): Promise<string> {
  return (await node.must(holdingScript)).split("\n").sort().join("\n")
}

describe.skipIf(skipWithoutLab())("real servers without systemd", () => {
  let lab: Lab
  let fleet: TwoStates
  let servers: LabNode[] = []
  const before = new Map<LabNode, string>()
  const setUp = new Map<LabNode, string>()

  beforeAll(async () => {
    lab = await Lab.up({
      nodes: [
        "lb1",
        { name: "rs1", system: "sysvinit" },
        { name: "rs2", system: "openrc" },
        { name: "rs3", system: "busybox" },
      ],
    })
    fleet = new TwoStates(lab)
    servers = ["rs1", "rs2", "rs3"].map((name) => lab.node(name))
    for (const node of servers) before.set(node, await holding(node))
  })
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) === 0 || setUp.size === 0) return
    await Promise.all(servers.filter((node) => !node.running).map((node) => node.boot()))
    await fleet.reach("one")
  })
  afterAll(async () => {
    fleet?.inventory.remove()
    await lab?.down()
  })

  /** Each real server holds what it held after the first apply; those that `early` names held it before the network came. */
  async function expectSetUp(early: readonly LabNode[] = []): Promise<void> {
    for (const node of servers) expect(await holding(node), node.name).toBe(setUp.get(node))
    for (const node of early) {
      const held = await node.must("cat /run/lab-before-network")
      expect(held, node.name).toContain(` ${vip}/32 `)
      expect(held, node.name).toMatch(/^1$/m)
      expect(held, node.name).not.toContain("eth0")
    }
  }

  /** lbctl finds all as it should be, and requests reach every real server through the VIP. */
  async function expectWell(): Promise<void> {
    for (const question of ["realserver status", "realserver verify"]) {
      const { code, stdout, stderr } = await fleet.inventory.lbctl(question)
      expect(code, `${question}: ${stdout}${stderr}`).toBe(0)
    }
    const answered = new Set<string>()
    await until(
      "all real servers answer on the VIP",
      { timeout: 60_000, interval: 200, detail: () => [...answered].join(" ") },
      async () => {
        const asked = ["curl", "-s", "--max-time", "2", `http://${vip}/`]
        const [name = ""] = (await lab.client.exec(asked)).stdout.split(" ")
        if (name !== "") answered.add(name)
        return answered.size === servers.length
      },
    )
  }

  it("are set up, and answer requests to the VIP", async () => {
    await fleet.reach("one")
    await expectWell()
    for (const node of servers) setUp.set(node, await holding(node))
  })

  it("come back from a power loss silent and with the VIPs, before the network", async () => {
    await Promise.all(servers.map(loseAndBoot))
    await expectSetUp(servers)
    await expectWell()
  })

  it("start again in a boot what was being removed when the power went", async () => {
    await Promise.all(
      servers.map(async (node) => {
        await beginRemoval(node)
        let said = ""
        await until("it is removed", { timeout: 60_000, detail: () => said }, async () => {
          said = (await node.run("cat /tmp/removal.out")).stdout
          return said.includes("done 2")
        })
        expect(await node.must("ls /etc/init.d")).not.toContain("lbctl-realserver")
        await loseAndBoot(node)
      }),
    )
    expect(await openOn(servers)).toEqual([])
    await expectSetUp(servers)
    expect((await fleet.inventory.lbctl("realserver status")).code).toBe(0)
  })

  it("take back by themselves what nobody confirmed", async () => {
    fleet.define("two")
    await Promise.all(
      servers.map(async (node) => {
        const added = async () =>
          (await node.run("ip -o address show dev lo")).stdout.includes(extraVip)
        let killed: Promise<void> | undefined
        const run = fleet.start(
          (line) => {
            if (beginsAt(line, node.name))
              killed ??= until("the VIP is there", { timeout: 60_000 }, added).then(() =>
                run.kill("SIGKILL"),
              )
          },
          "--limit",
          node.name,
          "--confirm-timeout",
          "8s",
        )
        expect(await run.ended, run.said()).toBeUndefined()
        await killed
      }),
    )
    await until(
      "nothing is open",
      { timeout: 90_000, interval: 500 },
      async () => (await openOn(servers)).length === 0,
    )
    fleet.define("one")
    await expectSetUp()
  })

  it("are as before lbctl once they are torn down", async () => {
    const { code, stdout, stderr } = await fleet.inventory.lbctl(
      "realserver teardown",
      "--yes",
      "--allow",
      "last-server",
    )
    expect(code, stdout + stderr).toBe(0)
    for (const node of servers) {
      expect(await holding(node), node.name).toBe(before.get(node))
      expect(await node.must("ls /var/lib/lbctl")).not.toContain("lbctl-node.sh")
    }
  })
})

async function loseAndBoot(node: LabNode): Promise<void> {
  await node.powerLoss()
  await node.boot()
}

/** Begins to remove the service at boot, and stays at that: its controller holds on, and nobody confirms. */
async function beginRemoval(node: LabNode): Promise<void> {
  const [prior = ""] = (await node.must(`sha256sum ${service}`)).split(" ")
  const operations: Operation[] = [
    { op: "unit-disable", name: "lbctl-realserver" },
    { op: "file-remove", path: service, prior },
    { op: "run", name: "hold", run: ["sleep", "61"] },
  ]
  const who = { by: "ada", from: "laptop", since: "2026-01-02T03:04:05Z", run: "r", what: "apply" }
  const keep = { count: 10, maxAgeMs: 86_400_000 }
  const stage = { operations, changes: [], directors: [], keep, who, script: nodeScript() }
  const input = stageTar({ ...stage, bundle: bundle({ host: node.name, id: "e".repeat(64) }) })
  expect(await node.must(commands.stageCommand("removal"), { input })).toBe("staged\n")
  await node.must(
    `rm -f /tmp/removal.*; mkfifo /tmp/removal.in; sleep 9999 <>/tmp/removal.in >/dev/null 2>&1 & ${commands.activateCommand("removal", 300)} </tmp/removal.in >/tmp/removal.out 2>&1 &`,
  )
}
