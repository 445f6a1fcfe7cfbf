import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"

/** A file on the director, which tells the versions apart, and a handler that takes its time. */
function version(content: string, weight: number, seconds = 0): InventoryOptions {
  return {
    services: { web: { backends: { hosts: { rs1: { weight } } } } },
    files: {
      "roles/motd/role.yml": JSON.stringify({
        applies_to: { hosts: ["lb1"] },
        files: [{ path: "/etc/faults-motd", content: `${content}\n`, notify: ["act"] }],
        handlers: [{ name: "act", run: ["sleep", String(seconds)] }],
      }),
    },
  }
}

describe.skipIf(skipWithoutLab())("releases of the past", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1", "rs2"] })
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    inventory = new Inventory(lab, version("one", 1))
  })
  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Runs lbctl, which must end with `code`; what it said. */
  async function lbctl(words: string, code = 0): Promise<string> {
    const [command = "", ...more] = words.split(" ")
    const outcome = await inventory.lbctl(command, ...more)
    const said = `${outcome.stdout}${outcome.stderr}`
    expect(outcome.code, `lbctl ${words}\n${said}`).toBe(code)
    return said
  }

  async function untilServed(weight: number): Promise<void> {
    const lb1 = lab.node("lb1")
    let last = ""
    await until(
      `rs1 serves with weight ${weight}`,
      { timeout: 30_000, interval: 300, detail: () => last },
      async () => {
        last = await lb1.must("ipvsadm -Sn")
        return (
          last.includes(`-t ${vip}:80 -r 10.77.0.21:80 -g -w ${weight}`) &&
          last.includes(`-t ${vip}:80 -r 10.77.0.22:80 -g -w 1`)
        )
      },
    )
  }

  it("are two after two applies", async () => {
    await lbctl("apply --yes")
    await untilServed(1)
    inventory.write(version("two", 3))
    await lbctl("apply --yes")
    await untilServed(3)
    expect(await lbctl("drift")).toContain("No drift on 3 hosts.")
  })

  it("show what was changed by hand, apart from what was not applied yet", async () => {
    await lab.node("lb1").must("echo hand >/etc/faults-motd")
    await lab.node("rs2").must("ip address del 10.77.0.100/32 dev lo")
    await lab.node("lb1").must(`ipvsadm -d -t ${vip}:80 -r 10.77.0.21:80`)
    inventory.write(version("three", 3))
    const said = await lbctl("drift", 2)
    expect(said).toMatch(/lb1 {2}differs from its release/)
    expect(said.replaceAll(/\s+/g, " ")).toContain("real server 10.77.0.21:80 weight 3")
    expect(said).toMatch(/rs2 {2}differs from its release[^]*\+ address 10\.77\.0\.100\/32/)
    expect(said).toMatch(/lb1 {2}not yet applied, no drift:[^]*\/etc\/faults-motd/)
    expect(said).toContain("Drift: 2 of 3 hosts. 1 host to apply.")
    await lab.node("rs2").must("ip address add 10.77.0.100/32 dev lo")
    await lab.node("lb1").must("echo two >/etc/faults-motd")
    await lab.node("lb1").must(`ipvsadm -a -t ${vip}:80 -r 10.77.0.21:80 -g -w 3`)
    await lbctl("drift")
  })

  it("come back under traffic without a request lost, and history tells it all", async () => {
    const traffic = await lab.traffic({ address: vip, port: 80, rate: 50, timeout: 3000 })
    await sleep(1000)
    const said = await lbctl("rollback --yes --limit lb1")
    expect(said).toMatch(/lb1: to release [0-9a-f]{12} of run/)
    await untilServed(1)
    await sleep(1000)
    const { failed, sent } = await traffic.stop()
    expect({ failed }).toEqual({ failed: 0 })
    expect(sent).toBeGreaterThan(50)
    expect(await lab.node("lb1").must("cat /etc/faults-motd")).toBe("one\n")
    const history = await lbctl("history")
    expect(history.match(/ rollback +confirmed +lb1/g)).toHaveLength(1)
    expect(history.match(/ apply +confirmed /g)).toHaveLength(2)
    expect(await lbctl("plan")).toContain("/etc/faults-motd")
    const { runs } = JSON.parse(await lbctl("history --json")) as { runs: { run: string }[] }
    const back = await lbctl(`rollback --yes --to ${runs[1]?.run}`)
    expect(back).toContain("/etc/faults-motd")
    expect(await lab.node("lb1").must("cat /etc/faults-motd")).toBe("two\n")
  })

  it("refuses a second operator while the first is at work, and names him", async () => {
    inventory.write(version("slow", 1, 8))
    const first = inventory.apply("--limit", "lb1")
    await until("the first has the lock", { timeout: 20_000, interval: 100 }, () =>
      lab
        .node("lb1")
        .run("test -e /run/lbctl/lease")
        .then(({ code }) => code === 0),
    )
    const refused = await lbctl("apply --yes --limit lb1", 6)
    expect(refused).toMatch(/locked by \S+ on \S+ since \S+ \(apply, run [0-9a-f]{8}\)/)
    expect((await inventory.lbctl("lock status")).stdout).toContain("(apply, run ")
    expect((await first).code).toBe(0)
    expect((await inventory.lbctl("lock status")).stdout).toContain("nobody holds a lock")
  })

  it("takes the lock over from a controller that was killed, and says so", async () => {
    inventory.write(version("killed", 1, 8))
    const run = lab.controller.spawn(inventory.argv("apply", "--yes", "--limit", "lb1"))
    await until("it has the lock", { timeout: 20_000, interval: 100 }, () =>
      lab
        .node("lb1")
        .run("test -e /run/lbctl/lease")
        .then(({ code }) => code === 0),
    )
    run.kill("SIGKILL")
    expect(await lbctl("apply --yes --limit lb1")).toMatch(/lb1: took over the lock of/)
    expect(await lab.node("lb1").must("cat /etc/faults-motd")).toBe("killed\n")
  })

  it("keeps everybody out while a person holds the lock", async () => {
    await inventory.lbctl("lock acquire", "-m", "switch work until 04:00")
    inventory.write(version("later", 1))
    expect(await lbctl("apply --yes", 6)).toContain("switch work until 04:00")
    expect((await lbctl("plan")).replaceAll(/\s+/g, " ")).toContain("switch work until 04:00")
    expect((await inventory.lbctl("lock release")).stdout).toContain("switch work until 04:00")
    await lbctl("apply --yes")
  })
})
