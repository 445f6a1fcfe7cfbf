import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"

const vip = "10.77.0.100"
const vip6 = "fd77::100"
const secondVip = "10.77.0.101"

const vrrp = { interface: "eth0", virtual_router_id: 51, priority: { lb1: 150, lb2: 100 } }
const web = { backends: { hosts: { rs1: { weight: 3 } } } }
const base: InventoryOptions = {
  cluster: { vrrp },
  services: {
    web,
    shop: {
      vip: secondVip,
      ports: ["443/tcp"],
      scheduler: "wlc",
      persistence: { timeout: "50s" },
      check: "none",
    },
    names: {
      vip: [secondVip],
      ports: ["53/udp"],
      scheduler: "mh",
      flags: ["mh-port"],
      check: "none",
    },
  },
}

/** The table of both directors as ipvsadm prints it, private check services aside. */
const table = [
  `-A -t ${vip}:80 -s wrr`,
  `-a -t ${vip}:80 -r 10.77.0.21:80 -g -w 3`,
  `-a -t ${vip}:80 -r 10.77.0.22:80 -g -w 1`,
  `-A -t ${secondVip}:443 -s wlc -p 50`,
  `-a -t ${secondVip}:443 -r 10.77.0.21:443 -g -w 1`,
  `-a -t ${secondVip}:443 -r 10.77.0.22:443 -g -w 1`,
  `-A -t [${vip6}]:80 -s wrr`,
  `-a -t [${vip6}]:80 -r [fd77::21]:80 -g -w 3`,
  `-a -t [${vip6}]:80 -r [fd77::22]:80 -g -w 1`,
  `-A -u ${secondVip}:53 -s mh -b mh-port`,
  `-a -u ${secondVip}:53 -r 10.77.0.21:53 -g -w 1`,
  `-a -u ${secondVip}:53 -r 10.77.0.22:53 -g -w 1`,
].sort()

const names = ["lb1", "lb2", "rs1", "rs2"] as const
const directors = ["lb1", "lb2"] as const

describe.skipIf(skipWithoutLab())("lbctl on a fleet of four", () => {
  let lab: Lab
  let inventory: Inventory

  beforeAll(async () => {
    lab = await Lab.up({ ops: true })
    await Promise.all(
      ["rs1", "rs2"].map(async (name) => {
        await lab.serveHttp(name, { port: 80 })
        await lab.serveHttp(name, { port: 443 })
        // Takes datagrams and says nothing, also after a power loss.
        await lab.node(name)
          .must(`printf '[Socket]\\nListenDatagram=53\\n[Install]\\nWantedBy=sockets.target\\n' >/etc/systemd/system/lab-names.socket
printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/lab-names.service
systemctl daemon-reload; systemctl enable -q --now lab-names.socket; sync`)
      }),
    )
    // What a teardown is to put back: not what the kernel starts with.
    await lab.node("rs1").must(
      `echo net.ipv4.conf.all.arp_announce=1 >/etc/sysctl.d/50-site.conf
sysctl -q --system`,
    )
    inventory = new Inventory(lab, base)
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Runs lbctl, which must end with `code`; what it said. */
  async function lbctl(words: string, { code = 0 } = {}): Promise<string> {
    const outcome = await inventory.lbctl(...split(words))
    const said = `${outcome.stdout}${outcome.stderr}`
    expect(outcome.code, `lbctl ${words}\n${said}`).toBe(code)
    return said
  }

  async function ipvs(node: LabNode): Promise<string[]> {
    const lines = (await node.must("ipvsadm -Sn")).trim().split("\n")
    return lines.filter((line) => !/ -f 1818\d{6} /.test(line)).sort()
  }

  /** Waits for health checks. */
  async function untilTable(wanted: readonly string[], on: readonly string[] = directors) {
    for (const name of on) {
      let last: string[] = []
      await until(
        `the table of ${name}`,
        { timeout: 30_000, interval: 300, detail: () => last.join("\n") },
        async () => {
          last = await ipvs(lab.node(name))
          return JSON.stringify(last) === JSON.stringify([...wanted].sort())
        },
      )
    }
  }

  /** Every node says of itself what `command` prints. */
  async function everywhere(command: string): Promise<Record<string, string>> {
    const said = names.map(async (name) => [name, await lab.node(name).must(command)] as const)
    return Object.fromEntries(await Promise.all(said))
  }

  /** What an apply that does nothing must not alter. */
  function traces(): Promise<Record<string, string>> {
    return everywhere(
      `find /etc /usr/local /var/lib/lbctl /opt -newermt 2000-01-01 -type f ! -name '*cache*' ! -path '*/lib/lbctl/agent/*' \
-printf '%p %i %T@\\n' | sort
systemctl show -p MainPID -p ExecMainStartTimestampMonotonic keepalived lbagent`,
    )
  }

  async function master(): Promise<LabNode> {
    const held = await Promise.all(
      directors.map(async (name) => (await lab.node(name).must("ip -o address")).includes(vip)),
    )
    expect(held.filter(Boolean)).toHaveLength(1)
    return lab.node(held[0] === true ? "lb1" : "lb2")
  }

  async function untilMaster(name: string): Promise<void> {
    await until(`${name} alone is master`, { timeout: 30_000, interval: 300 }, () =>
      master().then(
        (node) => node.name === name,
        () => false,
      ),
    )
  }

  async function servers(address: string): Promise<Readonly<Record<string, number>>> {
    const traffic = await lab.traffic({ address, port: 80, rate: 50, timeout: 3000 })
    await sleep(2000)
    const { failed, servers: answers } = await traffic.stop()
    expect(failed).toBe(0)
    return answers
  }

  describe("before the first apply", () => {
    it("validates and plans without touching a node", async () => {
      const before = await traces()
      await lbctl("validate")
      const plan = await lbctl("plan")
      expect(plan).toMatch(/^Plan: 4 hosts to change/m)
      expect(plan).toContain("+ agent lbagent")
      expect(plan).toContain("net.ipv4.conf.all.arp_announce: 1 -> 2")
      await lbctl("plan --detailed-exitcode", { code: 2 })
      expect(await traces()).toEqual(before)
      const left = await everywhere(
        "ls -d /etc/lbctl /var/lib/lbctl /opt/lbctl /run/lbctl 2>/dev/null; cat /proc/sys/net/ipv4/conf/all/arp_ignore; lsmod | grep ip_vs; true",
      )
      expect(new Set(Object.values(left))).toEqual(new Set(["0\n"]))
    })

    it("brings the agent to a director and starts nothing there", async () => {
      await lbctl("agent install --limit lb2")
      expect(await lab.node("lb2").must("ls /opt/lbctl")).toMatch(/agent\nruntime/)
      const { stdout } = await lab
        .node("lb2")
        .run("pgrep -f '[l]bagent'; ls -d /etc/lbctl /run/lbctl/agent.sock")
      expect(stdout).toBe("")
      const plan = await lbctl("plan")
      expect(plan.match(/\+ agent lbagent/g)).toHaveLength(1)
    })
  })

  describe("applied", () => {
    it("makes it so, everywhere", async () => {
      const said = await lbctl("apply --yes")
      expect(said).toMatch(/4 changed/)
      await untilTable(table)
    })

    it("has one machine answer ARP and ND for the VIPs: the master", async () => {
      const { mac } = await master()
      const capture = await lab.capture("arp[6:2] == 2 or (icmp6 and ip6[40] == 136)")
      await lab.flushNeighbours()
      for (const address of [vip, secondVip, `[${vip6}]`])
        await lab.controller.exec(["curl", "-s", "-m", "2", `http://${address}/`])
      const lines = (await capture.stop()).split("\n")
      for (const address of [vip, secondVip, vip6]) {
        const answers = lines.filter((line) =>
          new RegExp(`(Reply ${address} is-at|tgt is ${address},)`).test(line),
        )
        expect(answers, lines.join("\n")).not.toEqual([])
        for (const line of answers) expect(line).toContain(` ${mac} > `)
      }
      expect(await lbctl("realserver verify")).toMatch(/^verified/)
    })

    it("balances by weight, IPv4 and IPv6", async () => {
      for (const address of [vip, vip6]) {
        const { rs1 = 0, rs2 = 0 } = await servers(address)
        expect(rs1 + rs2).toBeGreaterThan(50)
        expect(rs1 / rs2).toBeGreaterThan(2.5)
        expect(rs1 / rs2).toBeLessThan(3.5)
      }
    })

    it("changes nothing the second time, and says so", async () => {
      const before = await traces()
      expect(await lbctl("apply --yes")).toMatch(/^No changes/)
      expect(await lbctl("plan --detailed-exitcode")).toMatch(/^No changes/)
      expect(await lbctl("agent install")).not.toMatch(/runtime/i)
      expect(await traces()).toEqual(before)
    })

    it("prints tables for people that fit a screen", async () => {
      for (const words of ["nodes", "vservers", "vserver web", "backends"]) {
        const text = await lbctl(`show ${words}`)
        const lines = text.trimEnd().split("\n")
        expect(lines.length).toBeGreaterThan(3)
        for (const line of lines) expect(line.length, text).toBeLessThanOrEqual(100)
      }
      expect(await lbctl("show nodes")).toMatch(/^lb[12] .*MASTER lab/m)
      expect(await lbctl("show nodes")).toMatch(/^rs1 .*3 of 3 VIPs/m)
      expect(await lbctl("show backends")).toMatch(/^rs2 +web .* up /m)
      expect(await lbctl("realserver status")).toMatch(
        new RegExp(`^rs1 +${vip.replaceAll(".", "\\.")} +started`, "m"),
      )
    })

    it("prints JSON for machines, and nothing else", async () => {
      const shown = ["nodes", "vservers", "vserver web", "backends"].map((name) => `show ${name}`)
      for (const words of [
        "validate",
        ...shown,
        "realserver status",
        "realserver verify",
        "plan",
      ]) {
        const { code, stdout, stderr } = await inventory.lbctl(words, "--json")
        expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: "" })
        expect(() => JSON.parse(stdout) as unknown, `${words}: ${stdout}`).not.toThrow()
      }
      const { code, stdout, stderr } = await inventory.lbctl("apply", "--yes", "--json")
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      for (const line of stdout.trim().split("\n"))
        expect(JSON.parse(line), line).toMatchObject({ type: expect.any(String) })
    })
  })

  describe("drift made by hand", () => {
    it("shows in the plan, is mended by the next apply, and nothing else is touched", async () => {
      const [lb1, lb2, rs1, rs2] = names.map((name) => lab.node(name)) as [
        LabNode,
        LabNode,
        LabNode,
        LabNode,
      ]
      const pids = "systemctl show -p MainPID --value keepalived lbagent"
      const before = await lb1.must(pids)
      await rs1.must("sysctl -qw net.ipv4.conf.all.arp_ignore=0")
      await rs2.must(`ip address del ${secondVip}/32 dev lo; systemctl disable -q lbctl-realserver`)
      await lb1.must(`ipvsadm -e -t ${vip}:80 -r 10.77.0.21:80 -g -w 9
ipvsadm -d -t ${secondVip}:443 -r 10.77.0.22:443
ipvsadm -A -t 10.77.0.250:9 -s rr`)
      await lb2.must(`echo '# by hand' >>/etc/keepalived/keepalived.conf
systemctl stop lbagent`)
      const plan = await lbctl("plan --detailed-exitcode", { code: 2 })
      for (const line of [
        "net.ipv4.conf.all.arp_ignore: 0 -> 1",
        `+ address ${secondVip}/32: on lo`,
        "unit lbctl-realserver.service: enable",
        "real server 10.77.0.21:80 weight 9 -> 3",
        "real server 10.77.0.22:443 weight 1",
        "file /etc/keepalived/keepalived.conf",
        "unit lbagent.service: start",
      ])
        expect(plan.replaceAll(/\n {6}/g, " ")).toContain(line)
      expect(plan).toMatch(/10\.77\.0\.250:9/)
      const quiet = await rs1.must("stat -c %Y /usr/local/sbin/lvs-real")
      await lbctl("apply --yes")
      await untilTable([...table, "-A -t 10.77.0.250:9 -s rr"], ["lb1"])
      await untilTable(table, ["lb2"])
      expect(await rs1.must("sysctl -n net.ipv4.conf.all.arp_ignore")).toBe("1\n")
      expect(await rs2.must("ip -o address show dev lo")).toContain(`${secondVip}/32`)
      await rs2.must("systemctl is-enabled lbctl-realserver")
      expect(await lb2.must("cat /etc/keepalived/keepalived.conf")).not.toContain("by hand")
      await lb2.must("systemctl is-active lbagent keepalived")
      expect(await lb1.must(pids)).toBe(before)
      expect(await rs1.must("stat -c %Y /usr/local/sbin/lvs-real")).toBe(quiet)
      await lb1.must("ipvsadm -D -t 10.77.0.250:9")
      expect(await lbctl("plan")).toMatch(/^No changes/)
    })
  })

  describe("health", () => {
    const sick = table.filter(
      (line) => !/-a -t (10\.77\.0\.100|\[fd77::100\]):80 -r .*21\]?:80/.test(line),
    )

    it("takes a real server out whose page fails or is gone, and puts it back", async () => {
      for (const trouble of ["sick", "stopped"] as const) {
        await lab.breakHttp("rs1", 80, trouble)
        await untilTable(sick)
        const shown = await lbctl("show backends")
        expect(shown).toMatch(/^rs1 +web .* down +out \(3\)/m)
        expect(await servers(vip)).toEqual({ rs2: expect.any(Number) })
        expect(await lbctl("plan")).toMatch(/^No changes/m)
        await lab.healHttp("rs1", 80)
        await untilTable(table)
      }
    })

    it("sees that a VIP is missing on a real server's loopback", async () => {
      await lab.node("rs1").must(`ip address del ${vip}/32 dev lo`)
      const without = table.filter((line) => !line.includes(`-t ${vip}:80 -r 10.77.0.21:80`))
      await untilTable(without)
      expect(await lbctl("realserver status", { code: 1 })).toMatch(
        /^rs1 +10\.77\.0\.100 +(partial|stopped)/m,
      )
      expect(await lbctl("plan")).toContain(`+ address ${vip}/32: on lo`)
      await lbctl("apply --yes")
      await untilTable(table)
    })
  })

  describe("drain and resume", () => {
    const drained = table.map((line) =>
      line.includes("-r 10.77.0.22:80 ") || line.includes("-r [fd77::22]:80 ")
        ? line.replace("-w 1", "-w 0")
        : line,
    )

    /** A test that stopped half-way leaves nothing to those after it. */
    async function lift(): Promise<void> {
      await lab.node("lb2").must("systemctl start lbagent")
      for (const words of ["resume rs2", "enable rs2", "weight rs2 default"]) await lbctl(words)
    }

    it("keeps a real server without new connections over restarts and applies", async (test) => {
      test.onTestFailed(lift)
      await lbctl("drain rs2:web --reason disks")
      await untilTable(drained)
      for (const name of directors) await lab.node(name).must("systemctl restart lbagent")
      await untilTable(drained)
      const plan = await lbctl("plan")
      expect(plan).toMatch(/^No changes/m)
      expect(plan).toMatch(/rs2:web is drained by [^]*\(disks\)/)
      expect(await lbctl("apply --yes")).toMatch(/rs2:web is drained/)
      inventory.write({
        ...base,
        services: { ...base.services, web: { backends: { hosts: { rs1: { weight: 4 } } } } },
      })
      await lbctl("apply --yes")
      await untilTable(drained.map((line) => line.replace("-w 3", "-w 4")))
      expect(await lbctl("show backends")).toMatch(/^rs2 +web .* drained +0 \(1\)/m)
      expect(await servers(vip)).toEqual({ rs1: expect.any(Number) })
      expect(await lbctl("show overrides")).toMatch(/^rs2:web +drained .* lb1,lb2 +disks$/m)
      await lbctl("resume rs2:web")
      inventory.write(base)
      await lbctl("apply --yes")
      await untilTable(table)
    })

    it("tells a director that was away what it missed, by the next apply", async (test) => {
      test.onTestFailed(lift)
      const lb2 = lab.node("lb2")
      await lb2.must("systemctl stop lbagent")
      await lbctl("weight rs2:web 7 --for 1h", { code: 1 })
      await lb2.must("systemctl start lbagent")
      const weighed = table.map((line) =>
        line.includes("-r 10.77.0.22:80 ") || line.includes("-r [fd77::22]:80 ")
          ? line.replace("-w 1", "-w 7")
          : line,
      )
      expect(await lbctl("plan")).toMatch(/was not told that rs2:web is set to weight 7/)
      expect(await lbctl("apply --yes")).toMatch(/lb2: was told 1 override that its peers have/)
      await untilTable(weighed)
      expect(await lbctl("disable rs2:web")).toMatch(/out of the table/)
      await untilTable(weighed.filter((line) => !line.includes("-w 7")))
      expect(await lbctl("enable rs2")).toMatch(/still: rs2:web is set to weight 7/)
      await untilTable(weighed)
      await lbctl("weight rs2:web default")
      await untilTable(table)
      expect(await lbctl("disable web", { code: 9 })).toMatch(/--allow last-server/)
    })

    it("says what it cannot do", async () => {
      expect(await lbctl("drain rs9", { code: 3 })).toMatch(/rs9/)
      expect(await lbctl("drain rs2:wep", { code: 3 })).toMatch(/did you mean web/)
      expect(await lbctl("resume rs2")).toMatch(/not drained/)
    })
  })

  describe("power loss", () => {
    it("of a real server and a director brings both back as they were confirmed", async () => {
      const lost = [lab.node("rs1"), lab.node("lb1")]
      await Promise.all(lost.map((node) => node.powerLoss()))
      expect(await lbctl("plan", { code: 4 })).toMatch(/lb1/)
      await Promise.all(lost.map((node) => node.boot()))
      await untilTable(table)
      const [lb1, rs1] = [lab.node("lb1"), lab.node("rs1")]
      expect(await rs1.must("ip -o address show dev lo")).toContain(`${vip6}/128`)
      expect(await rs1.must("sysctl -n net.ipv4.conf.all.arp_announce")).toBe("2\n")
      await lb1.must("systemctl is-active lbagent keepalived")
      await until("nothing is left to do", { timeout: 60_000, interval: 1000 }, async () =>
        (await inventory.lbctl("plan")).stdout.startsWith("No changes"),
      )
      expect((await master()).name).toBe("lb2")
    })
  })

  describe("realserver", () => {
    it("tears down: drained, VIPs gone, prior values back, for good", async () => {
      await lbctl("realserver teardown --limit rs1 --yes")
      const rs1 = lab.node("rs1")
      const prior = async () => {
        expect(await rs1.must("ip -o address show dev lo scope global")).toBe("")
        expect(
          await rs1.must("sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce"),
        ).toBe("0\n1\n")
        const { stdout } = await rs1.run("find / -xdev -name '*lvs-real*' -o -name '*realserver*'")
        expect(stdout).toBe("")
      }
      await prior()
      await rs1.powerLoss()
      await rs1.boot()
      await prior()
      const status = await lbctl("realserver status", { code: 1 })
      expect(status).toMatch(/^rs1 +10\.77\.0\.100 +stopped/m)
      for (const line of status.split("\n")) expect(line.length, status).toBeLessThanOrEqual(100)
      expect(await servers(vip)).toEqual({ rs2: expect.any(Number) })
    })

    it("sets up again, and nothing but that", async () => {
      await lbctl("realserver setup --limit rs1 --yes")
      expect(await lbctl("realserver status")).not.toMatch(/partial|stopped/)
      expect(await lbctl("realserver verify")).toMatch(/^verified/)
      const { stdout } = await inventory.lbctl("resume rs1")
      expect(stdout).toMatch(/rs1/)
      await untilTable(table)
      expect(await lbctl("plan")).toMatch(/^No changes/)
    })
  })

  describe("failover", () => {
    it("without preempt leaves the VIPs with who has them", async () => {
      expect((await master()).name).toBe("lb2")
      expect(await lbctl("failover lab --yes")).toMatch(/^lb1 is master of lab/m)
      await sleep(8000)
      expect((await master()).name).toBe("lb1")
      expect(await lbctl("failover lab --yes")).toMatch(/^lb2 is master of lab/m)
    })

    it("with preempt holds until it is lifted", async () => {
      inventory.write({ ...base, cluster: { vrrp: { ...vrrp, preempt: true } } })
      await lbctl("apply --yes")
      await untilMaster("lb1")
      expect(await lbctl("failover lab --yes")).toMatch(/^lb2 is master of lab/m)
      await sleep(5000)
      expect((await master()).name).toBe("lb2")
      expect(await lbctl("show nodes")).toMatch(/^lb1 .*BACKUP lab \(handed over\)/m)
      expect(await lbctl("failover lab --yes")).toMatch(/^lb1 is master of lab/m)
      expect(await lbctl("plan")).toMatch(/^No changes/)
    })
  })

  describe("another user", () => {
    it("with sudo does the same", async () => {
      inventory.write({
        ...base,
        vars: { ansible_user: "ops", ansible_become: true },
        cluster: { vrrp: { ...vrrp, preempt: true } },
        services: { ...base.services, web: { backends: { hosts: { rs1: { weight: 2 } } } } },
      })
      expect(await lbctl("plan")).toMatch(/^Plan: 2 hosts/m)
      await lbctl("apply --yes")
      await untilTable(table.map((line) => line.replace("-w 3", "-w 2")))
      await lbctl("drain rs1")
      await lbctl("resume rs1")
      expect(await lbctl("realserver verify")).toMatch(/^verified/)
    })
  })
})

/** A command and the words of its options. */
function split(words: string): [string, ...string[]] {
  const [command = "", ...options] = words.split(/ (?=--)/)
  return [command, ...options.flatMap((option) => option.split(" "))]
}
