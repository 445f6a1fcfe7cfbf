import { spawnSync } from "node:child_process"
import { afterEach, describe, expect, it } from "vitest"
import { doctorScript } from "../../src/cli/assets.ts"
import type { Operation } from "../../src/model/plan.ts"
import { parseNodeReply } from "../../src/wire/activation-reply.ts"
import { bareDoctorRequest, doctorText, parseDoctorReply } from "../../src/wire/doctor.ts"
import { changesBelow, observeScript } from "../../src/wire/observe-request.ts"
import { observe } from "./observing.ts"
import { file, fileOperation, sampleBundle, sha256 } from "./sample.ts"
import { installed, nodeScript, Scratch, wheelOwner } from "./scratch.ts"

/**
 * No FreeBSD is booted here: freebsd-doubles/ stands for its base system, from its manual pages, and refuses what it refuses.
 * dash and BusyBox's ash are the nearest kin of its sh.
 */
const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function oldNode(shell?: readonly string[]): Scratch {
  const node = new Scratch(shell, "rc")
  nodes.push(node)
  node.write("etc/motd", "old\n", 0o600)
  node.write("etc/gone", "gone\n", 0o755)
  node.write("etc/rc.conf", 'sshd_enable="YES"\n')
  return node
}

const proxy = "net.link.ether.inet.proxyall"
const bundle = sampleBundle({
  sysctls: [{ key: proxy, value: "0" }],
  linksUp: ["lo0"],
  addresses: [
    { address: "192.0.2.10", prefix: 32, device: "lo0" },
    { address: "2001:db8::10", prefix: 128, device: "lo0" },
  ],
  files: [
    file("/etc/motd", "new\n", "0644"),
    file("/usr/local/etc/rc.d/vips", "#!/bin/sh\n", "0755"),
    file("/usr/local/etc/lbctl/new.conf", "x\n", "0640"),
  ].map((resource) => ({ ...resource, owner: wheelOwner })),
  units: [{ name: "vips", enabled: true, running: true }],
  handlers: [],
})

function operations(): Operation[] {
  const [motd, script, conf] = bundle.files
  if (motd === undefined || script === undefined || conf === undefined) throw new Error("sample")
  return [
    { op: "sysctl", key: proxy, value: "0", prior: "1" },
    { op: "link-up", device: "lo0" },
    fileOperation(motd, sha256("old\n")),
    fileOperation(script, "-"),
    fileOperation(conf, "-"),
    { op: "address-add", cidr: "192.0.2.10/32", device: "lo0" },
    { op: "address-add", cidr: "2001:db8::10/128", device: "lo0" },
    { op: "unit-enable", name: "vips" },
    { op: "unit-start", name: "vips" },
    { op: "file-remove", path: "/etc/gone", prior: sha256("gone\n") },
    { op: "run", name: "web", run: ["true"] },
    { op: "await", name: "web", run: ["true"], timeoutSeconds: 5 },
  ]
}

const fail: Operation = { op: "run", name: "web", run: ["sh", "-c", "echo no; exit 3"] }

function proxying(shell?: readonly string[]): Scratch {
  const node = oldNode(shell)
  node.write("double/sysctls", `${proxy}: 1\n`)
  node.write("double/links", "lo0 LOOPBACK 16384 -\nem0 UP,BROADCAST 1500 58:9c:fc:00:00:01\n")
  return node
}

async function activated(node: Scratch, seconds = "60") {
  expect((await node.stage("t1", bundle, operations())).lines).toEqual(["staged"])
  const activation = node.start(["activate", "t1", seconds])
  await activation.until("activated")
  return activation
}

const shells = [["dash"], ["busybox", "sh"]].filter(([program = ""]) => installed(program))

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))(
  "a FreeBSD node, %s",
  (_, shell) => {
    it("tells facts, links, addresses, files, sysctls, modules and units", () => {
      const node = proxying(shell)
      node.write("usr/local/etc/rc.d/vips", "#!/bin/sh\n", 0o755)
      node.write("etc/rc.conf.d/vips", 'vips_enable="YES"\n')
      node.write("etc/rc.d/sshd", "#!/bin/sh\n", 0o755)
      node.write("double/running/sshd", "")
      node.write("boot/kernel/if_gif.ko", "")
      node.write("double/loaded/carp", "")
      const seen = observe(
        node,
        {
          files: [
            { path: "/etc/motd", sha256: sha256("new\n") },
            { path: "/etc/gone", sha256: sha256("gone\n") },
            { path: "/etc/none", sha256: sha256("") },
          ],
          sysctls: [proxy, "net.nope"],
          modules: ["carp", "if_gif", "nope"],
          units: ["vips", "sshd", "other"],
          commands: ["sh", "keepalived-not-here"],
          ipvs: true,
        },
        [...shell],
      )
      expect(seen.facts).toMatchObject({
        os: "FreeBSD",
        kernel: "13.2-RELEASE-p4",
        hostname: "rs1.example.com",
        arch: "amd64",
        boot_id: Buffer.from("0123456789abcdef").toString("hex"),
        init: "rc",
        distribution: "freebsd 13.2",
        ipvs: "missing",
      })
      expect(Number(seen.facts["disk_free_kib"])).toBeGreaterThan(0)
      expect(seen.links).toEqual([
        { name: "lo0", mac: "", up: false, mtu: 16384 },
        { name: "em0", mac: "58:9c:fc:00:00:01", up: true, mtu: 1500 },
      ])
      expect(seen.addresses).toEqual([
        { device: "lo0", address: "127.0.0.1", prefix: 8 },
        { device: "lo0", address: "::1", prefix: 128 },
        { device: "lo0", address: "fe80::1", prefix: 64 },
      ])
      expect(seen.files["/etc/motd"]).toMatchObject({
        sha256: sha256("old\n"),
        mode: "0600",
        content: "old\n",
      })
      expect(seen.files["/etc/gone"]).not.toHaveProperty("content")
      expect(seen.files["/etc/none"]).toEqual({})
      expect(seen.sysctls).toEqual({ [proxy]: "1", "net.nope": undefined })
      expect(seen.modules).toEqual({ carp: "loaded", if_gif: "loadable", nope: "missing" })
      expect(seen.units).toEqual({
        vips: { exists: true, enabled: true, running: false },
        sshd: { exists: true, enabled: true, running: true },
        other: { exists: false, enabled: false, running: false },
      })
    })

    it("is brought to a release and keeps it once confirmed", async () => {
      const node = proxying(shell)
      const activation = await activated(node)
      expect(activation.lines()).toEqual([
        "armed 60",
        ...operations().map((_operation, index) => `done ${index + 1}`),
        "activated",
      ])
      expect(observe(node, {}).transaction).toMatchObject({ id: "t1", state: "armed" })
      const confirmed = await node.run(["confirm", "t1"])
      expect(confirmed).toMatchObject({ lines: ["confirmed"], code: 0, stderr: "" })
      await activation.ended
      expect(node.state()).toMatchObject({
        "etc/motd": "644 new\n",
        "usr/local/etc/lbctl/new.conf": "640 x\n",
        "usr/local/etc/lbctl": "755",
        "etc/rc.conf": '644 sshd_enable="YES"\n',
        "etc/rc.conf.d/vips": '644 vips_enable="YES"\n',
        "double/running/vips": "644 ",
        "double/sysctls": `644 ${proxy}: 0\n`,
        "double/addresses":
          "644 lo0 127.0.0.1/8\nlo0 ::1/128\nlo0 fe80::1/64\nlo0 192.0.2.10/32\nlo0 2001:db8::10/128\n",
      })
      expect(node.has("etc/gone")).toBe(false)
      expect(observe(node, {}).links[0]).toMatchObject({ name: "lo0", up: true })
      expect(node.read("usr/local/etc/rc.d/lbctl_settle")).toContain("# BEFORE: netif")
      expect(node.read("var/lib/lbctl/prior-sysctls")).toBe(`${proxy} 1\n`)
      expect(JSON.parse(node.read("var/lib/lbctl/history.jsonl"))).toMatchObject({
        result: "confirmed",
        seconds: expect.any(Number) as number,
      })
      expect(node.timers()).toBe(0)
      expect(node.list("var/run/lbctl")).toEqual(["controller.lock", "work.lock"])
    })

    it("takes everything back when an operation fails, and says why", async () => {
      const node = proxying(shell)
      const before = node.state()
      await node.stage("t1", bundle, [...operations(), fail])
      const ended = await node.run(["activate", "t1", "60"])
      expect(ended).toMatchObject({ code: 7, stderr: "" })
      const replies = ended.lines.map(parseNodeReply)
      expect(replies.at(-2)).toEqual({ type: "failed", operation: 13, output: "no\n" })
      expect(replies.at(-1)).toEqual({ type: "reverted" })
      expect(sorted(node.state())).toEqual(sorted(before))
      expect(node.timers()).toBe(0)
    })

    it("reverts by itself when nobody confirms, though the controller is gone", async () => {
      const node = proxying(shell)
      const before = node.state()
      const activation = await activated(node, "1")
      await activation.leave()
      await expect.poll(() => node.has("var/lib/lbctl/open"), { timeout: 9000 }).toBe(false)
      await expect.poll(() => node.timers(), { timeout: 5000 }).toBe(0)
      expect(sorted(node.state())).toEqual(sorted(before))
      expect((await node.run(["confirm", "t1"])).lines).toEqual(["gone reverted"])
    })
  },
)

/** The doubles of sysctl(8) and ifconfig(8) write their tables anew: the order of lines is no matter, the flags of a link are. */
function sorted(state: Record<string, string>): Record<string, string> {
  const lines = (text: string) => text.split("\n").sort().join("\n")
  return Object.fromEntries(
    Object.entries(state)
      .filter(([path]) => path !== "double/links")
      .map(([path, text]) => [path, lines(text)]),
  )
}

describe("the locks of a FreeBSD node", () => {
  it("keep a second controller out while the first is connected, and say who it is", async () => {
    const node = proxying()
    const first = await activated(node)
    await node.stage("t2", bundle, operations())
    const second = await node.run(["activate", "t2", "60"])
    expect(second.code).toBe(6)
    expect(second.lines).toEqual(["locked 2026-01-02T03:04:05Z laptop Ada O'Neil"])
    expect((await node.run(["revert", "t1"])).lines).toEqual(["reverted"])
    await first.ended
  })

  it("are free once their holder was killed: the next controller settles what it left", async () => {
    const node = proxying()
    const first = await activated(node)
    first.child.kill("SIGKILL")
    await first.leave()
    await node.stage("t2", bundle, operations())
    const second = node.start(["activate", "t2", "60"])
    await second.until("activated")
    expect(second.lines()[0]).toBe(
      `settled reverted t1 ${bundle.id} 2026-01-02T03:04:05Z Ada O'Neil`,
    )
    expect((await node.run(["confirm", "t2"])).lines).toEqual(["confirmed"])
    await second.ended
    expect(node.timers()).toBe(0)
  })

  it("let a revert interrupt an activation that is at work", async () => {
    const node = proxying()
    const before = node.state()
    const once = `mkdir ${node.root}/double/ran || exit 0; exec sleep 60`
    const slow: Operation = { op: "run", name: "x", run: ["sh", "-c", once] }
    await node.stage("t1", bundle, [...operations(), slow])
    const first = node.start(["activate", "t1", "90"])
    await first.until("done 12")
    await node.run(["revert", "t1"])
    await first.ended
    expect(sorted(node.state())).toEqual(sorted({ ...before, "double/ran": "755" }))
    expect(node.timers()).toBe(0)
  })
})

describe("a service of a FreeBSD node", () => {
  const only = sampleBundle({ files: [], sysctls: [], linksUp: [], addresses: [], handlers: [] })
  const change = async (node: Scratch, kind: "unit-enable" | "unit-disable") => {
    await node.stage("t1", only, [{ op: kind, name: "nginx" }])
    const activation = node.start(["activate", "t1", "60"])
    await activation.until("activated")
    return activation
  }
  const nginx = () => {
    const node = oldNode()
    node.write("usr/local/etc/rc.d/nginx", "#!/bin/sh\n", 0o755)
    return node
  }

  it("that the user's rc.conf enables is disabled in a file of ours, which goes when it is enabled again", async () => {
    const node = nginx()
    node.write("etc/rc.conf", 'nginx_enable="YES"\n')
    const activation = await change(node, "unit-disable")
    expect(node.read("etc/rc.conf.d/nginx")).toBe('nginx_enable="NO"\n')
    expect(node.read("etc/rc.conf")).toBe('nginx_enable="YES"\n')
    await node.run(["revert", "t1"])
    await activation.ended
    expect(observe(node, { units: ["nginx"] }).units["nginx"]).toMatchObject({ enabled: true })
  })

  it("keeps what else its own file says", async () => {
    const node = nginx()
    node.write("etc/rc.conf.d/nginx", 'nginx_flags="-q"\n')
    const activation = await change(node, "unit-enable")
    expect(node.read("etc/rc.conf.d/nginx")).toBe('nginx_flags="-q"\nnginx_enable="YES"\n')
    await node.run(["revert", "t1"])
    await activation.ended
    expect(node.read("etc/rc.conf.d/nginx")).toContain('nginx_flags="-q"\n')
    expect(observe(node, { units: ["nginx"] }).units["nginx"]).toMatchObject({ enabled: false })
  })
})

describe("a boot of a FreeBSD node", () => {
  it("puts files and what is enabled back, and leaves the new kernel's state alone", async () => {
    const node = proxying()
    const before = node.state()
    await (await activated(node)).leave()
    node.write("double/addresses", "lo0 127.0.0.1/8\n")
    node.removePath("double/running/vips")
    const booted = await node.run(["boot"])
    expect(booted).toMatchObject({ lines: ["reverted"], stderr: "" })
    expect(node.has("etc/rc.conf.d/vips")).toBe(false)
    expect(sorted(node.state())).toEqual(
      sorted({
        ...before,
        "double/addresses": "644 lo0 127.0.0.1/8\n",
        "double/sysctls": `644 ${proxy}: 0\n`,
      }),
    )
    expect(node.read("var/lib/lbctl/last")).toContain("the node went down before it was confirmed")
  })
})

describe("killed by SIGKILL anywhere in an activation", () => {
  const tools = "cp fsync ifconfig install ln mkdir mkfifo mv rm rmdir service sysctl".split(" ")
  const fragile = async (env: Readonly<Record<string, string>>) => {
    const node = proxying()
    const before = node.state()
    await node.stage("t1", bundle, operations())
    node.makeFragile(tools)
    const activation = node.start(["activate", "t1", "60"], env)
    await activation.until("activated")
    await activation.leave()
    return { node, before }
  }

  it("a FreeBSD node is settled to the old release to the byte", async () => {
    const { node: whole } = await fragile({})
    const count = whole.read("double/calls").split("\n").length - 1
    expect(count).toBeGreaterThan(20)
    for (let at = 2; at <= count; at += 4) {
      const when = at % 2 === 0 ? "before" : "after"
      const { node, before } = await fragile({
        LBCTL_TEST_CRASH_AT: String(at),
        LBCTL_TEST_CRASH_WHEN: when,
      })
      const settled = await node.run(["settle"])
      expect([0, 7], `${at} ${when}: ${settled.stderr}`).toContain(settled.code)
      const state = sorted(node.state())
      delete state["usr/local/etc/rc.d/lbctl_settle"] // does nothing until a transaction is open
      expect(state, `${at} ${when}`).toEqual(sorted(before))
      expect(node.has("var/lib/lbctl/open"), `${at} ${when}`).toBe(false)
      await node.remove()
    }
  }, 180_000)
})

describe("lbctl doctor on a FreeBSD node", () => {
  it("is told what there is, and nothing that only Linux has", () => {
    const node = proxying()
    node.write("usr/local/etc/rc.d/vips", "#!/bin/sh\n", 0o755)
    const request = {
      ...bareDoctorRequest,
      modules: ["ipip"],
      units: ["vips"],
      routes: ["192.0.2.1"],
    }
    const text = doctorText(observeScript(nodeScript), doctorScript(), request)
    if (!text.ok) throw new Error(text.error.message)
    const { stdout, stderr } = spawnSync("dash", ["-s"], {
      input: text.value,
      encoding: "utf8",
      env: node.environment(),
    })
    expect(stderr).toBe("")
    const reply = parseDoctorReply(stdout)
    expect(reply?.nowMs).toBeGreaterThan(1_700_000_000_000)
    expect(reply?.units.get("vips")).toEqual({ enabled: false, running: false })
    expect(reply?.modules.get("ipip")).toBe("missing")
    expect(reply).toMatchObject({ switches: new Map(), kept: [], defaultRoutes: [], flagged: [] })
  })
})

describe("the doubles of FreeBSD's programs", () => {
  it.each([
    "stat -c %a /",
    "mv -fT a b",
    "cp --preserve a b",
    "ln -sr a b",
    "date --utc",
    "date -d now",
    "df --output /",
    "sed --expression p",
    "find / -maxdepth 0 -printf x",
    "timeout --signal=TERM 1 true",
    "ps -eo pid --forest",
    "flock -n 9",
    "sha256sum /dev/null",
    "base64 /dev/null",
    "ip address",
    "setsid true",
    "lockf -t 0 9",
    "ifconfig lo0 inet 192.0.2.10 alias",
  ])("refuse %s, as they do", (command) => {
    const { status } = spawnSync("dash", ["-c", command], { env: proxying().environment() })
    expect(status).toBeGreaterThan(0)
  })
})

describe("FreeBSD's part of the script", () => {
  it("is passed over on Linux", () => {
    const ended = spawnSync("dash", ["-s"], {
      input: `${observeScript(nodeScript)}find_init; base64_of /dev/null; say "$init"\n`,
      encoding: "utf8",
    })
    expect(ended).toMatchObject({ status: 0, stderr: "" })
    expect(ended.stdout).not.toBe("rc\n")
  })

  it("stands behind each half of the script it belongs to", () => {
    const [reading = "", changing = ""] = nodeScript.split(`\n${changesBelow}\n`)
    for (const half of [reading, changing])
      expect(half.match(/^if \[ "\$system" = FreeBSD \]; then$/gm)).toHaveLength(1)
    expect(reading).toContain("kern.boottime")
    expect(changing.indexOf("lockf -ks")).toBeGreaterThan(changing.indexOf("flock -n"))
    expect(changing).toMatch(/\nfi\n+# ==== What it was called for ====\n/)
  })
})
