import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { InventoryOptions } from "./inventory.ts"
import { Inventory } from "./inventory.ts"
import { skipWithoutLab } from "./lib/available.ts"
import type { Outcome } from "./lib/exec.ts"
import { Lab } from "./lib/lab.ts"
import { projectRoot } from "./lib/project.ts"

/** All that an apply could leave on a node, in lines that do not change by themselves. */
const footprint = `
find /etc /opt /usr/local /usr/lib/systemd /var/lib/lbctl /run/lbctl -xdev \\( -type f -o -type l \\) -printf '%p %s %T@\\n' 2>/dev/null | sort
sysctl -a 2>/dev/null | grep -E 'arp_(ignore|announce)|ip_forward|net.ipv4.vs|rp_filter|accept_local'
ip -o address show | sed 's/ valid_lft.*//'
lsmod | grep -o '^ip_vs[a-z_]*' | sort
systemctl is-enabled keepalived; systemctl is-active keepalived
ls -d /var/lib/lbctl /etc/lbctl /opt/lbctl 2>&1
`

const nodesOf = (footprints: ReadonlyMap<string, string>): string => JSON.stringify([...footprints])

describe.skipIf(skipWithoutLab())("trouble", () => {
  let lab: Lab
  let inventory: Inventory
  let untouched: Map<string, string>

  beforeAll(async () => {
    lab = await Lab.up()
    await Promise.all([lab.serveHttp("rs1", { port: 80 }), lab.serveHttp("rs2", { port: 80 })])
    inventory = new Inventory(lab)
    untouched = await settledFootprints()
  })

  afterAll(async () => {
    inventory?.remove()
    await lab?.down()
  })

  /** Once the boot has come to rest: IPv6 addresses are tentative at first, and units may still write. */
  async function settledFootprints(): Promise<Map<string, string>> {
    let last = await footprints()
    for (let tries = 0; tries < 20; tries++) {
      await sleep(2000)
      const next = await footprints()
      if (nodesOf(next) === nodesOf(last)) return next
      last = next
    }
    throw new Error("the nodes don't come to rest")
  }

  async function footprints(): Promise<Map<string, string>> {
    const all = lab.nodes.map(async (node): Promise<[string, string]> => {
      const { stdout } = await node.run(footprint)
      return [node.name, stdout]
    })
    return new Map(await Promise.all(all))
  }

  /** Runs lbctl on an inventory that differs so, and puts the usual one back. */
  async function tried(options: InventoryOptions, ...words: string[]): Promise<Outcome> {
    inventory.write(options)
    const [command = "apply", ...more] = words
    const ended = await inventory.lbctl(command, ...more)
    inventory.write()
    expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/^\s+at .*:\d+:\d+/m)
    return ended
  }

  /** That an apply of it ends with this code and these words, and no node is changed by it. */
  async function refused(options: InventoryOptions, code: number, ...words: RegExp[]) {
    const ended = await tried(options, "apply", "--yes")
    for (const word of words) expect(`${ended.stdout}${ended.stderr}`).toMatch(word)
    expect(ended.code).toBe(code)
    expect(await footprints()).toEqual(untouched)
  }

  /** The usual variables with another known_hosts file or key. */
  function files(files: { readonly knownHosts?: string; readonly identity?: string }) {
    return {
      vars: {
        ansible_ssh_private_key_file: files.identity ?? lab.ssh.identity,
        ansible_ssh_common_args: `-o UserKnownHostsFile=${files.knownHosts ?? lab.ssh.knownHosts}`,
      },
    }
  }

  it("plans without a trace on any node", async () => {
    const { code, stdout } = await inventory.lbctl("plan")
    expect(stdout).toContain("Plan: 4 hosts to change")
    expect(code).toBe(0)
    expect(await footprints()).toEqual(untouched)
  })

  it("contacts nobody when the definition is wrong (3)", async () => {
    await refused({ services: { web: {}, shop: {} } }, 3, /both define tcp 10\.77\.0\.100:80/)
  })

  it("names a host that can't be reached, and the --limit that goes on without it (4)", async () => {
    await lab.cut("rs2", "controller")
    const ended = await tried({}, "apply", "--yes")
    await lab.heal()
    expect(ended.stdout).toMatch(
      /Unreachable:\n {2}rs2: (10\.77\.0\.22 does not answer|there is no route to 10\.77\.0\.22)/,
    )
    expect(ended.stderr).toContain("--limit '!rs2'")
    expect(ended.code).toBe(4)
    expect(await footprints()).toEqual(untouched)
  })

  it("says whom a refused login was for, and what was offered (4)", async () => {
    const identity = join(lab.stateDir, "stranger")
    await lab.controller.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", identity])
    await refused(
      files({ identity }),
      4,
      /rs1: root@10\.77\.0\.21 refused the login; offered:\s+\S*stranger/,
      /authorized_keys/,
    )
  })

  it("refuses an unknown host key, with its fingerprint and the way to accept it (4)", async () => {
    const knownHosts = join(lab.stateDir, "nobody")
    writeFileSync(knownHosts, "")
    await refused(
      files({ knownHosts }),
      4,
      /rs1: the host key of 10\.77\.0\.21 is not known: it shows ssh-\S+\s+SHA256:/,
      /ssh-keyscan/,
    )
  })

  it("refuses a changed host key, and names the line that holds the other (4)", async () => {
    const lines = readFileSync(lab.ssh.knownHosts, "utf8").trimEnd().split("\n")
    const own = lines.find((line) => line.includes("10.77.0.21")) ?? ""
    const other = lines.find((line) => line.includes("10.77.0.22")) ?? ""
    const swapped = [own.split(" ")[0], ...other.split(" ").slice(1)].join(" ")
    const knownHosts = join(lab.stateDir, "swapped")
    writeFileSync(
      knownHosts,
      `${lines.map((line) => (line === own ? swapped : line)).join("\n")}\n`,
    )
    const ended = await tried(files({ knownHosts }), "apply", "--yes")
    const words = ended.stdout.replaceAll(/\s+/g, " ")
    expect(words).toContain("rs1: THE HOST KEY OF 10.77.0.21 HAS CHANGED: it shows ssh-")
    expect(words).toContain(`${knownHosts}:${lines.indexOf(own) + 1} holds another`)
    expect(words).toContain(`ssh-keygen -f ${knownHosts} -R '10.77.0.21'`)
    expect(ended.stderr).toContain("rs1 could not be reached")
    expect(ended.code).toBe(4)
    expect(await footprints()).toEqual(untouched)
  })

  it("takes a VIP in no connected network for an accident (9)", async () => {
    await refused(
      { services: { web: { vip: "203.0.113.80" } } },
      9,
      /VIP 203\.0\.113\.80 lies in no network of eth0/,
      /Nothing was changed: this looks like an accident\. If it is meant: --allow vip-unconnected/,
    )
  })

  it("can't direct from a node without IPVS in its kernel (1)", async () => {
    const node = lab.node("lb1")
    const hide = `cd /lib/modules/$(uname -r) && mv $(find . -name ip_vs.ko\\*) /root/ && depmod`
    const unhide = `cd /lib/modules/$(uname -r) && mv /root/ip_vs.ko* kernel/net/netfilter/ipvs/ && depmod`
    await node.must(hide)
    try {
      await refused({}, 1, /Cannot be done:\n {2}lb1: .*ip_vs/, /Nothing was changed/)
    } finally {
      await node.must(unhide)
    }
  })

  it("needs the interface that VRRP is to speak on (1)", async () => {
    await refused(
      { cluster: { vrrp: { interface: "eth7", virtual_router_id: 51 } } },
      1,
      /lb1, lb2: there is no interface eth7 for cluster lab\n.*this host has eth0, lo/,
    )
  })

  it("brings nothing to any node while one has no disk left (1)", async () => {
    const node = lab.node("rs1")
    await node.must("dd if=/dev/zero of=/var/fill bs=1M 2>/dev/null; sync")
    try {
      await refused({}, 1, /Cannot be done:\n {2}rs1: there is no room on the disk: \d+ KiB free/)
    } finally {
      await node.must("rm /var/fill; sync")
    }
  })

  it("asks for a terminal rather than go on without a word (3)", async () => {
    const { code, stdout, stderr } = await inventory.lbctl("apply")
    expect(stdout).toContain("Plan: 4 hosts to change")
    expect(stderr).toMatch(/there is no terminal to ask on\n.*--yes/)
    expect(code).toBe(3)
    expect(await footprints()).toEqual(untouched)
  })

  it.each([
    ["no", "no\n", 1],
    ["Ctrl-D", "\u0004", 130],
    ["Ctrl-C", "\u0003", 130],
  ])("takes %s for no", async (_what, answer, code) => {
    const { words, status } = await answered(answer)
    expect(words).toContain("nothing was changed")
    expect(status).toBe(code)
    expect(await footprints()).toEqual(untouched)
  })

  /** Runs apply on a terminal (script(1)) and answers its question. */
  async function answered(answer: string): Promise<{ words: string; status: number | null }> {
    const line = inventory.argv("apply").join(" ")
    const child = lab.controller.spawn(["script", "-qec", line, "/dev/null"], {
      cwd: projectRoot(),
      stdio: ["pipe", "pipe", "inherit"],
    })
    const exit = once(child, "exit")
    let words = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      const asked = words.includes("Only yes goes on")
      words += chunk.toString()
      if (!asked && words.includes("Only yes goes on")) child.stdin?.write(answer)
    })
    const [status] = (await exit) as [number | null]
    return { words, status }
  }

  it("goes on to the end when the reader of its output goes away", async () => {
    const line = `set -o pipefail; ${inventory.argv("apply", "--yes").join(" ")} | head -1`
    const ended = await lab.controller.exec(["bash", "-c", line], {
      cwd: projectRoot(),
      timeout: 240_000,
    })
    expect(ended.stderr).toBe("")
    expect(ended.code).toBe(0)
    expect(ended.stdout.split("\n").length).toBe(2)
    const again = await inventory.lbctl("plan", "--detailed-exitcode")
    expect(again.stdout).toBe("No changes. 4 hosts hold what the definition says.\n")
    expect(again.code).toBe(0)
  })

  it("speaks JSON and nothing else where it is asked to", async () => {
    const commands = ["show nodes", "show vservers", "show backends", "realserver status"]
    for (const command of [...commands, "realserver verify", "agent install", "plan"]) {
      const { code, stdout, stderr } = await inventory.lbctl(command, "--json")
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" })
      expect(() => JSON.parse(stdout)).not.toThrow()
    }
    const { code, stdout, stderr } = await tried(
      { services: { web: { scheduler: "wlc" } } },
      "apply",
      "--yes",
      "--json",
    )
    expect([code, stderr]).toEqual([0, ""])
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string })
    expect(events[0]?.type).toBe("plan")
    expect(events.length).toBeGreaterThan(5)
    expect((await inventory.apply()).code).toBe(0)
  })

  it("takes a service that loses its real servers for an accident (9)", async () => {
    const settled = await footprints()
    const ended = await tried(
      {
        spare: ["rs1", "rs2"],
        services: { web: { backends: { group: "directors" } } },
        cluster: { forwarding: "nat" },
      },
      "apply",
      "--yes",
    )
    expect(`${ended.stdout}${ended.stderr}`).toContain("--allow service-loses-servers")
    expect(ended.code).toBe(9)
    expect(await footprints()).toEqual(settled)
  })

  it("does not call a cluster verified whose directors nobody can ask (4)", async () => {
    expect((await inventory.lbctl("realserver verify")).code).toBe(0)
    await lab.cut("lb1", "controller")
    await lab.cut("lb2", "controller")
    const ended = await inventory.lbctl("realserver verify")
    const teardown = await inventory.lbctl("realserver teardown", "--yes")
    await lab.heal()
    expect(ended.stdout).toBe("")
    expect(ended.stderr).toContain("nothing is proved for cluster lab: ")
    expect(ended.code).toBe(4)
    expect(teardown.stderr).toContain("it could not be drained")
    expect(teardown.code).toBe(4)
    expect((await inventory.lbctl("plan", "--detailed-exitcode")).code).toBe(0)
  })
})
