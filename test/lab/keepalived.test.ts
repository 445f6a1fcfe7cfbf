import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { Inventory, type InventoryOptions } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import { until } from "./lib/until.ts"
import { patientCheck } from "./two-states.ts"

const vip = "10.77.0.100"
const vip6 = "fd77::100"
/** A request that takes longer has failed, milliseconds: above a loaded machine's stalls. */
const patience = 3000
/** For an apply and what it is measured by on a loaded machine, milliseconds: the first installs the agent too. */
const slowApply = 600_000

const web = { check: patientCheck }
const withOld = { services: { web, old: { vip: ["10.77.0.101"], check: patientCheck } } }

const services = [
  `-A -t ${vip}:80 -s wrr`,
  `-A -t [${vip6}]:80 -s wrr`,
  ...["10.77.0.21", "10.77.0.22"].map((rs) => `-a -t ${vip}:80 -r ${rs}:80 -g -w 1`),
  ...["fd77::21", "fd77::22"].map((rs) => `-a -t [${vip6}]:80 -r [${rs}]:80 -g -w 1`),
].sort()

/** The cluster with the service `web`, and `more`. */
function definition(ipvs: string, more: InventoryOptions = {}): InventoryOptions {
  return { services: { web }, ...more, cluster: { ipvs, ...more.cluster } }
}

describe.skipIf(skipWithoutLab())("a cluster whose services keepalived programs", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1", "rs2"] })
    await Promise.all(["rs1", "rs2"].map((name) => lab.serveHttp(name, { port: 80 })))
    inventory = new Inventory(lab)
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  async function lbctl(command: string, ...more: string[]): Promise<string> {
    const { code, stdout, stderr } = await inventory.lbctl(command, ...more)
    expect(code, `${stdout}${stderr}`).toBe(0)
    return stdout
  }

  async function apply(options: InventoryOptions): Promise<void> {
    inventory.write(options)
    await lbctl("apply", "--yes")
  }

  /** Each test goes on from where the last one ended; one that is tried again begins there anew. */
  async function begin({ task }: TestContext, options: InventoryOptions): Promise<void> {
    if ((task.result?.retryCount ?? 0) > 0) await apply(options)
  }

  async function table(): Promise<string[]> {
    const lines = (await lab.node("lb1").must("ipvsadm -Sn")).trim().split("\n")
    // The agent's checks through the VIP have services of their own.
    return lines.filter((line) => line !== "" && !/ -f \d+ /.test(line)).sort()
  }

  async function untilTable(wanted: readonly string[]): Promise<void> {
    let last: string[] = []
    const detail = (): string => last.join("\n")
    await until("the table of lb1", { timeout: 60_000, interval: 500, detail }, async () => {
      last = await table()
      return JSON.stringify(last) === JSON.stringify(wanted)
    })
  }

  async function owned(): Promise<unknown> {
    const record = await lab.node("lb1").must("cat /var/lib/lbctl/agent/owned.json")
    return (JSON.parse(record) as { services: unknown }).services
  }

  /** The process that speaks VRRP: it must outlive every switch, or the VIP would move. */
  const speaker = (): Promise<string> => lab.node("lb1").must("cat /run/vrrp.pid")

  /** Applies `options` while a client asks anew and others hold their connections; nothing may be lost. */
  async function applyUnderTraffic(options: InventoryOptions): Promise<void> {
    const before = await speaker()
    const target = { address: vip, port: 80, timeout: patience }
    const fresh = await lab.traffic({ ...target, rate: 20 })
    const held = await lab.held({ ...target, connections: 10 })
    await apply(options)
    await untilTable(services)
    const [asked, kept] = [await fresh.stop(), await held.stop()]
    expect(asked).toMatchObject({ failed: 0, errors: {} })
    expect(asked.sent).toBeGreaterThan(20)
    expect(kept).toMatchObject({ connections: 10, died: 0 })
    expect(await speaker()).toEqual(before)
    expect(await lbctl("plan")).toContain("No changes")
  }

  it("is set up by keepalived, and the agent owns none of it", { timeout: slowApply }, async () => {
    await apply(definition("keepalived", withOld))
    const more = ["10.77.0.21", "10.77.0.22"].map(
      (rs) => `-a -t 10.77.0.101:80 -r ${rs}:80 -g -w 1`,
    )
    await untilTable([...services, "-A -t 10.77.0.101:80 -s wrr", ...more].sort())
    expect(await owned()).toEqual([])
    expect(await lbctl("plan")).toContain("No changes")
    expect(await lbctl("show backends")).toMatch(/up/)
  })

  it(
    "goes to the agent without loss, and a service that goes meanwhile is taken out",
    { timeout: slowApply },
    async (context) => {
      await begin(context, definition("keepalived", withOld))
      await applyUnderTraffic(definition("native"))
      expect(await owned()).toHaveLength(2)
    },
  )

  it(
    "lets keepalived take in what changes of VRRP while the agent has the services",
    { timeout: slowApply },
    async (context) => {
      await begin(context, definition("native"))
      const vrrp = { interface: "eth0", virtual_router_id: 51, garp_master_refresh: "2s" }
      await applyUnderTraffic(
        definition("native", { cluster: { vrrp: { ...vrrp, priority: { lb1: 150 } } } }),
      )
      expect(await owned()).toHaveLength(2)
    },
  )

  it("goes back to keepalived without loss", { timeout: slowApply }, async (context) => {
    await begin(context, definition("native"))
    await applyUnderTraffic(definition("keepalived"))
    expect(await owned()).toEqual([])
  })

  it("shows a real server that keepalived took out, and no drift because of it", async (context) => {
    await begin(context, definition("keepalived"))
    await lab.breakHttp("rs2", 80, "stopped")
    await untilTable(services.filter((line) => !/10\.77\.0\.22|fd77::22/.test(line)))
    expect(await lbctl("show backends")).toMatch(/down/)
    expect(await lbctl("plan")).toContain("No changes")
  })

  it(
    "runs the definition's programs when a real server or the quorum comes or goes",
    async (context) => {
      await begin(context, definition("keepalived"))
      const lb1 = lab.node("lb1")
      const program = "/usr/local/sbin/tell"
      await lb1.must(
        `printf '#!/bin/sh\\necho "$*" >>/run/told\\n' >${program}; chmod 755 ${program}; rm -f /run/told`,
      )
      const words = ["notify_up", "notify_down", "quorum_up", "quorum_down"]
      const keepalived = Object.fromEntries(words.map((word) => [word, `${program} ${word}`]))
      const told = async (...lines: readonly string[]): Promise<void> => {
        let last = ""
        const detail = (): string => last
        await until(`it tells ${lines.join(", ")}`, { timeout: 60_000, detail }, async () => {
          last = (await lb1.run("cat /run/told")).stdout
          return lines.every((line) => last.split("\n").includes(line))
        })
      }
      const everything = (way: "up" | "down"): string[] => [
        ...["rs1 10.77.0.21", "rs1 fd77::21", "rs2 10.77.0.22", "rs2 fd77::22"].map(
          (server) => `notify_${way} web ${server} 80`,
        ),
        ...[vip, vip6].map((address) => `quorum_${way} web ${address} 80`),
      ]
      await lab.healHttp("rs1", 80)
      await lab.breakHttp("rs2", 80, "stopped")
      await untilTable(services.filter((line) => !/10\.77\.0\.22|fd77::22/.test(line)))
      await apply(
        definition("keepalived", { services: { web: { ...web, initial: "down", keepalived } } }),
      )
      await lab.healHttp("rs2", 80)
      await told("notify_up web rs2 10.77.0.22 80", "notify_up web rs2 fd77::22 80")
      await untilTable(services)
      await lb1.must("rm -f /run/told")
      await Promise.all(["rs1", "rs2"].map((name) => lab.breakHttp(name, 80, "stopped")))
      await told(...everything("down"))
      await Promise.all(["rs1", "rs2"].map((name) => lab.healHttp(name, 80)))
      await told(...everything("up"))
    },
    slowApply,
  )

  it(
    "has the weights that a command says, be it keepalived or the agent who asks it",
    async () => {
      const command = "/usr/local/lib/weigh"
      const script = `#!/bin/sh
[ "$(id -un) $(id -Gn)" = "nobody nogroup" ] || exit 1
exit "$(cat "/run/weight-$LBCTL_ADDRESS" 2>/dev/null || echo 0)"`
      await lab
        .node("lb1")
        .must(
          `cat >${command} <<'end'\n${script}\nend\nchmod 755 ${command}; echo 12 >/run/weight-10.77.0.21`,
        )
      const check = {
        type: "external",
        command: [command],
        weight_by_exit_code: true,
        interval: "1s",
        timeout: "1s",
      }
      const weighed = services.map((line) =>
        line.replace("10.77.0.21:80 -g -w 1", "10.77.0.21:80 -g -w 10"),
      )
      for (const ipvs of ["keepalived", "native"]) {
        await apply(definition(ipvs, { services: { web: { check } } }))
        await untilTable(weighed)
        expect(await lbctl("plan")).toContain("No changes")
      }
    },
    slowApply,
  )
})
