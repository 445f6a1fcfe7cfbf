import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { holding, settlesAt } from "./holding.ts"
import type { Inventory, InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"
import { definitions, expectClean, moments, openOn, patientCheck, TwoStates } from "./two-states.ts"

/** For a shell: KiB that are free below /var/lib. */
const free = "$(df -Pk /var/lib | { read -r _; read -r _ _ _ free _; echo $free; })"

/** A role with one file, and what is to happen when it changes. */
function role(hosts: string, handler: Readonly<Record<string, unknown>>, content = "{{host}}\n") {
  const path = `/etc/faults-${hosts}`
  const notify = ["act"]
  const text = JSON.stringify({
    applies_to: { hosts: [hosts] },
    files: [{ path, content, notify }],
    handlers: [{ name: "act", ...handler }],
  })
  return { [`roles/faults-${hosts}/role.yml`]: text }
}

describe.skipIf(skipWithoutLab())("an apply that is cut short", () => {
  let lab: Lab
  let fleet: TwoStates
  let inventory: Inventory
  let lb1: LabNode
  let rs1: LabNode
  let events = 0

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    fleet = new TwoStates(lab)
    inventory = fleet.inventory
    lb1 = lab.node("lb1")
    rs1 = lab.node("rs1")
  })
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) === 0 || !fleet.learned) return
    for (const name of ["roles", "templates"]) inventory.drop(name)
    await fleet.reach("one")
  })
  afterAll(async () => {
    fleet?.inventory.remove()
    await lab?.down()
  })

  it("takes a director's first release back without a trace when a handler fails", async () => {
    await lb1.must("modprobe ip_vs")
    const before = await holding(lb1)
    expect(before).not.toContain("/etc/systemd/system/lbctl")
    inventory.write({
      ...definitions.one,
      files: role("lb1", { run: ["sh", "-c", "echo no luck today >&2; exit 3"] }),
    })
    const { code, stdout, stderr } = await inventory.apply("--limit", "lb1")
    expect({ code, stdout, stderr }).toMatchObject({ code: 7 })
    expect(stdout + stderr).toContain("no luck today")
    inventory.drop("roles")
    await settlesAt(lb1, { before })
    await expectClean(lb1)
    expect(await lb1.must("ls -A /var/lib/lbctl; ls -A /run/lbctl")).not.toMatch(/current|agent/)
  })

  it("reaches both states undisturbed, for comparison", async () => {
    events = await fleet.learn([lb1, rs1])
  })

  it("leaves every node on the old release or the new when lbctl is killed, and the next apply explains and finishes", async () => {
    for (let moment = 0; moment < moments; moment++) {
      const target = moment % 2 === 0 ? "two" : "one"
      const at = 1 + Math.floor(((moment + 0.5) * events) / moments)
      fleet.define(target)
      const run = fleet.start(
        (_line, number) => {
          if (number === at) setTimeout(() => run.kill("SIGKILL"), (moment * 137) % 400)
        },
        "--confirm-timeout",
        "5s",
      )
      await run.ended
      const where = `moment ${moment}: killed after line ${at} of ${events}`
      const open = await openOn([lb1, rs1])
      const waits = moment % 2 === 1
      if (waits) for (const node of [lb1, rs1]) await fleet.expectEither(node)
      const said = await fleet.reach(target)
      // What was open may have been at its confirmation.
      for (const host of open.filter((name) => new RegExp(`^${name} +changed`, "m").test(said))) {
        const words = waits ? "not confirmed within" : "it is taken back"
        expect(said.replaceAll(/\s+/g, " "), where).toMatch(new RegExp(`${host}: .*${words}`))
      }
      await fleet.expectAll(target)
    }
    await fleet.reach("one")
  })

  it.each<[string, InventoryOptions]>([
    [
      "a packet filter",
      {
        files: role("rs1", {
          run: ["iptables", "-I", "INPUT", "-s", "10.77.0.1", "-j", "DROP"],
          withdraw: ["iptables", "-D", "INPUT", "-s", "10.77.0.1", "-j", "DROP"],
        }),
      },
    ],
    [
      "a VIP that is the controller's address",
      {
        services: { ...definitions.one.services, extra: { check: patientCheck, vip: "10.77.0.1" } },
      },
    ],
    [
      "no sshd",
      {
        files: {
          "roles/faults-rs1/role.yml": JSON.stringify({
            applies_to: { hosts: ["rs1"] },
            units: [{ name: "ssh.service", enabled: false, running: false }],
          }),
        },
      },
    ],
  ])("is taken back by the node when it cuts the controller off by %s", async (_, change) => {
    inventory.write({ ...definitions.one, ...change })
    const { code, stdout, stderr } = await inventory.apply("--confirm-timeout", "5s")
    inventory.drop("roles")
    expect({ code, stdout, stderr }).toMatchObject({ code: 7 })
    expect(stdout).toMatch(/rs1 .*FAILED/)
    await fleet.expectAll("one")
    expect(await fleet.reach("one")).toContain("No changes")
  })

  it("shows two operators who is at work, and leaves in order when it is told to stop", async () => {
    inventory.write({ ...definitions.two, files: role("rs1", { run: ["sleep", "6"] }) })
    const first = fleet.start()
    await until("rs1 is at work", { timeout: 60_000 }, () => /"activate"/.test(first.said()))
    const second = await inventory.apply()
    expect(second).toMatchObject({ code: 6 })
    expect(second.stderr).toMatch(/(lb1|rs1): locked by root .* since 20\d\d-.*Z/)
    first.kill("SIGINT")
    const code = await first.ended
    expect({ code, said: first.said() }).toMatchObject({ code: 130 })
    expect(first.said()).toContain("stopping")
    await settlesAt(lb1, { one: fleet.of(lb1)["one"] ?? "" })
    expect((await openOn([lb1, rs1])).join()).toBe("")
    inventory.drop("roles")
    await fleet.reach("one")
    await fleet.expectAll("one")
  })

  it("leaves at once when it is told so twice, and the node reverts by itself", async () => {
    inventory.write({
      ...definitions.two,
      files: role("rs1", { run: ["sleep", "30"], withdraw: ["true"] }),
    })
    const run = fleet.start(undefined, "--confirm-timeout", "5s")
    await until("rs1 is at work", { timeout: 60_000 }, async () => (await openOn([rs1])).length > 0)
    run.kill("SIGINT")
    await until("it has heard", { timeout: 10_000 }, () => run.said().includes("stopping"))
    const began = Date.now()
    run.kill("SIGINT")
    const code = await run.ended
    expect({ code, said: run.said() }).toMatchObject({ code: 130 })
    expect(Date.now() - began).toBeLessThan(10_000)
    inventory.drop("roles")
    await fleet.expectAll("one")
    expect(await fleet.reach("one")).toMatch(/rs1: the last activation: .* reverted/s)
  })

  it.each<[string, string, string, RegExp]>([
    [
      "the disk is full",
      `fallocate -l $((${free} - 500))K /var/lib/faults-fill; cat /dev/zero >>/var/lib/faults-fill 2>/dev/null; true`,
      "rm /var/lib/faults-fill",
      /rs1.*(no room|disk full|No space)/,
    ],
    [
      "there is hardly room",
      `fallocate -l $((${free} - 900))K /var/lib/faults-fill`,
      "rm /var/lib/faults-fill",
      /rs1.*no room/,
    ],
    [
      "/usr/local/sbin is read-only",
      "mount --bind /usr/local/sbin /usr/local/sbin && mount -o remount,ro,bind /usr/local/sbin",
      "umount /usr/local/sbin",
      /rs1 .*FAILED .*\/usr\/local\/sbin\/lvs-real .*read-only/,
    ],
    [
      "/var/lib/lbctl is read-only",
      "mount --bind /var/lib/lbctl /var/lib/lbctl && mount -o remount,ro,bind /var/lib/lbctl",
      "umount /var/lib/lbctl",
      /rs1 .*FAILED .*[Rr]ead-only file system/,
    ],
  ])("touches nothing anywhere when on one node %s", async (_, spoil, mend, words) => {
    fleet.define("two")
    await rs1.must(spoil)
    try {
      const { code, stdout, stderr } = await inventory.apply()
      expect({ code, stdout, stderr }).toMatchObject({ code: 1 })
      expect(stdout).toMatch(words)
      expect(stdout).not.toContain("activate")
    } finally {
      await rs1.must(mend)
    }
    await fleet.expectAll("one")
  })

  it("shows keepalived's own words when a template of the user's renders what it refuses", async () => {
    const template = "vrrp_instance lab {\n  state BACKUP\n  interfase eth0\n}\n"
    const files = { "templates/director/keepalived.conf.hbs": template }
    inventory.write({ ...definitions.two, files })
    const { code, stdout, stderr } = await inventory.apply()
    inventory.drop("templates")
    expect({ code, stdout, stderr }).toMatchObject({ code: 1 })
    expect(stdout).toMatch(/lb1 .*FAILED.*keepalived.conf/)
    expect(stdout).toMatch(/interfase/)
    expect(stdout).not.toContain("activate")
    await fleet.expectAll("one")
  })

  it("takes back what does not get ready in time, and names it", async () => {
    const command = ["sh", "-c", "echo still missing; test -e /nowhere"]
    const handler = { run: ["true"], await: { run: command, timeout: "2s" } }
    inventory.write({ ...definitions.one, files: role("lb1", handler) })
    const { code, stdout, stderr } = await inventory.apply()
    inventory.drop("roles")
    expect({ code, stdout, stderr }).toMatchObject({ code: 7 })
    expect(stdout).toMatch(/lb1 .*FAILED .*act .*2s.*still missing/)
    await fleet.expectAll("one")
  })

  it("reverts without controller, sessions and network, and though the clock jumps", async () => {
    const trouble = `until [ -L /var/lib/lbctl/open ]; do sleep 0.05; done
ip link set eth0 down; date -s "+1 day"; pkill -9 -f "sshd: root"; sleep 14; date -s "-1 day"; ip link set eth0 up`
    const handler = { run: ["sleep", "1"] }
    inventory.write({ ...definitions.one, files: role("rs1", handler) })
    await rs1.must(`cat >/run/faults.sh`, { input: trouble })
    await rs1.must("sysctl -qw net.ipv6.conf.eth0.keep_addr_on_down=1")
    await rs1.must("systemd-run --quiet --unit=faults sh /run/faults.sh")
    const { code } = await inventory.apply("--confirm-timeout", "5s")
    inventory.drop("roles")
    expect([4, 7]).toContain(code)
    await until("rs1 is back", { timeout: 60_000 }, async () => (await rs1.run("true")).code === 0)
    await fleet.expectAll("one")
    expect(await rs1.must("cat /var/lib/lbctl/last")).toContain("not confirmed within 10 s")
    expect(await fleet.reach("one")).toContain("not confirmed within")
  })
})
