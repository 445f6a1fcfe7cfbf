import { once } from "node:events"
import { chmodSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Inventory, type InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { projectRoot } from "./lib/project.ts"
import type { TrafficReport } from "./lib/traffic.ts"
import { until } from "./lib/until.ts"
import { untilTold } from "./told.ts"

const vip = "10.77.0.100"
/** Above a client's first repetition of a packet (1 s, RFC 6298 section 2) and a loaded machine's stalls, milliseconds. */
const patience = 3000

/** A role of all real servers with one file, and what is to happen when it changes. */
function role(content: string, handler: Readonly<Record<string, unknown>>) {
  const text = JSON.stringify({
    applies_to: { groups: ["servers"] },
    files: [{ path: "/etc/rollout-test", content, notify: ["act"] }],
    handlers: [{ name: "act", ...handler }],
  })
  return { "roles/rollout/role.yml": text }
}

describe.skipIf(skipWithoutLab())("a rollout", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "lb2", "rs1", "rs2"] })
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    inventory = new Inventory(lab, weights(1))
    await from(weights(1))
    await until("both are in the pool", { timeout: 30_000 }, async () =>
      /10\.77\.0\.21:80[\s\S]*10\.77\.0\.22:80/.test(await lab.node("lb1").must("ipvsadm -Sn")),
    )
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  async function must(command: string, ...more: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await inventory.lbctl(command, ...more)
    expect(code, `lbctl ${command} ${more.join(" ")}\n${stdout}${stderr}`).toBe(0)
    return stdout
  }

  /** Where a test starts from, also after an attempt that left something else: this definition applied, lb1 master. */
  async function from(options: InventoryOptions): Promise<void> {
    await lab.heal()
    for (const name of ["hooks", "roles"]) inventory.drop(name)
    inventory.write(options)
    await must("apply", "--yes")
    const lb1 = async () => (await master()) === "lb1"
    // With preempt it takes the VIPs by itself.
    await until("lb1 is master", { timeout: 10_000 }, lb1).catch(() =>
      must("failover lab", "--yes"),
    )
  }

  /** Where the tests of canaries start from. */
  const one = (): InventoryOptions => ({
    ...weights(4, vrrp(true)),
    files: role("one\n", { run: ["true"] }),
  })

  const holds = async (node: LabNode): Promise<boolean> =>
    (await node.must("ip -o address show")).includes(`${vip}/`)

  /** The one director that holds the VIP. */
  async function master(): Promise<string> {
    const names: string[] = []
    for (const name of ["lb1", "lb2"]) if (await holds(lab.node(name))) names.push(name)
    return names.join(" and ")
  }

  const weights = (rs1: number, cluster: InventoryOptions["cluster"] = {}): InventoryOptions => ({
    cluster: { connection_sync: { interface: "eth0" }, ...cluster },
    services: { web: { backends: { hosts: { rs1: { weight: rs1 } } } } },
  })

  const vrrp = (preempt: boolean) => ({
    vrrp: { interface: "eth0", virtual_router_id: 51, priority: { lb1: 150, lb2: 100 }, preempt },
  })

  async function underLoad(work: () => Promise<void>) {
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 100, timeout: patience })
    try {
      await work()
      await sleep(1000)
    } finally {
      await traffic.stop()
    }
    return traffic.done
  }

  /** Only what is in flight while the VIPs move may be reset: IPVS tells a backup of connections some seconds after they began. */
  function expectServed({ failed, errors }: TrafficReport): void {
    expect(Object.keys(errors).filter((error) => error !== "ECONNRESET")).toEqual([])
    expect(failed).toBeLessThanOrEqual(2)
  }

  it("hands over before the master changes: new connections wait, old ones live on", async () => {
    await from(weights(1))
    inventory.write(weights(3))
    const held = await lab.held({ address: vip, port: 80, connections: 12, timeout: 30_000 })
    await untilTold(lab, lab.node("lb2"), vip, 12)
    let said = ""
    const report = await underLoad(async () => {
      said = await must("apply", "--yes", "--handover")
    })
    await held.stop()
    expect(said).toMatch(/lab: hands over to lb2/)
    expectServed(report)
    expect(await held.done).toMatchObject({ connections: 12, died: 0, deaths: [] })
    expect(await master()).toBe("lb2")
  })

  it("gives the VIPs back after the change where the cluster preempts", async () => {
    await from(weights(3, vrrp(true)))
    inventory.write(weights(4, { ...vrrp(true), rollout: { handover: true } }))
    const report = await underLoad(async () => {
      expect(await must("apply", "--yes")).toMatch(/lab: hands over to lb2/)
    })
    expectServed(report)
    expect(await master()).toBe("lb1")
  })

  it("confirms a canary that stays well, then changes the others", async () => {
    await from(weights(4, vrrp(true)))
    const hook = "#!/bin/sh\ncat >>told\necho heard\n"
    inventory.write({
      ...weights(4, vrrp(true)),
      files: { ...role("one\n", { run: ["true"] }), "hooks/after-host": hook },
    })
    chmodSync(join(inventory.folder, "hooks", "after-host"), 0o755)
    const said = await must("apply", "--yes", "--canary", "rs2", "--soak", "6s")
    expect(said).toMatch(/rs2 +hook +\.\.\. +heard/)
    const told = readFileSync(join(inventory.folder, "told"), "utf8").trim().split("\n")
    expect(told.map((line): unknown => JSON.parse(line))).toMatchObject([
      { event: "after-host", host: "rs2", phase: "gain", outcome: "changed" },
      { event: "after-host", host: "rs1", phase: "gain", outcome: "changed" },
    ])
    inventory.drop("hooks")
    expect(said).toMatch(/real servers, 1 of 2, canary: 1 host[\s\S]*rs2 +soak +ok[\s\S]*2 of 2/)
    for (const name of ["rs1", "rs2"])
      expect(await lab.node(name).must("cat /etc/rollout-test")).toBe("one\n")
  })

  it("takes a canary back that the directors find down, and leaves the others alone", async () => {
    await from(one())
    const rule = ["INPUT", "-p", "tcp", "--dport", "80", "-j", "REJECT"]
    const handler = {
      run: ["iptables", "-I", ...rule],
      withdraw: ["iptables", "-D", ...rule],
    }
    inventory.write({ ...weights(4, vrrp(true)), files: role("two\n", handler) })
    const { code, stdout, stderr } = await inventory.apply("--canary", "rs2", "--soak", "20s")
    expect({ code, stdout, stderr }).toMatchObject({ code: 7 })
    expect(stdout).toMatch(/rs2 +soak +FAILED +the canary did not pass: lb\d finds rs2 down/)
    expect(stdout).toMatch(/no further host was begun: the canary rs2 failed/)
    for (const name of ["rs1", "rs2"])
      expect(await lab.node(name).must("cat /etc/rollout-test")).toBe("one\n")
    const kept = await lab.controller.exec(["cat", `${inventory.path}/.lbctl/failed`])
    expect(kept.stdout).toMatch(/^# 20\S+ lbctl apply .*\nrs2\nrs1\n$|^# .*\nrs1\nrs2\n$/)
    inventory.write(one())
    expect(await must("plan")).toMatch(/^No changes/m)
  })

  it("goes on without a host that cannot be reached, within the limit, and catches up with @failed", async () => {
    await from(one())
    inventory.write({ ...weights(4, vrrp(true)), files: role("four\n", { run: ["true"] }) })
    await lab.cut("rs2", "controller")
    const refused = await inventory.apply()
    const limited = await inventory.apply("--max-fail", "1")
    await lab.heal()
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("Nothing was changed"),
    })
    expect(limited).toMatchObject({ code: 4 })
    expect(limited.stdout).toMatch(/1 changed, .*1 unreachable/)
    expect(await lab.node("rs1").must("cat /etc/rollout-test")).toBe("four\n")
    expect(await lab.node("rs2").must("cat /etc/rollout-test")).toBe("one\n")
    expect(await must("apply", "--yes", "--limit", "@failed")).toMatch(/^rs2 +changed/m)
    inventory.write(one())
    await must("apply", "--yes", "--serial", "1")
  })

  /** Starts an apply of another file with a canary, and waits until rs2 is watched. */
  async function watched(...more: readonly string[]) {
    await from(one())
    inventory.write({ ...weights(4, vrrp(true)), files: role("three\n", { run: ["true"] }) })
    const argv = inventory.argv("apply", "--yes", "--canary", "rs2", ...more)
    const child = lab.controller.spawn(argv, {
      cwd: projectRoot(),
      stdio: ["ignore", "pipe", "pipe"],
    })
    let said = ""
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => (said += chunk.toString()))
    const ended = once(child, "close").then(([code]): unknown => code)
    await until("rs2 is watched", { timeout: 90_000, detail: () => said }, () =>
      /rs2 +soak +\.\.\. +watched/.test(said),
    )
    expect(await lab.node("rs2").must("cat /etc/rollout-test")).toBe("three\n")
    return { child, ended, said: () => said }
  }

  it("takes the canary back at Ctrl-C", async () => {
    const { child, ended, said } = await watched("--soak", "5m")
    child.kill("SIGINT")
    expect({ code: await ended, said: said() }).toMatchObject({ code: 130 })
    expect(said()).toMatch(/^rs2 +reverted/m)
    for (const name of ["rs1", "rs2"])
      expect(await lab.node(name).must("cat /etc/rollout-test")).toBe("one\n")
  })

  it("gets the canary back by itself when lbctl is killed while it watches", async () => {
    const { child, ended } = await watched("--soak", "5s", "--confirm-timeout", "5s")
    child.kill("SIGKILL")
    await ended
    await until("rs2 has its old release", { timeout: 90_000 }, async () => {
      return (await lab.node("rs2").must("cat /etc/rollout-test")) === "one\n"
    })
    inventory.write(one())
    expect(await must("plan")).toMatch(/^No changes/m)
  })
})
