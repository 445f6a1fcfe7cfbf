import { afterEach, describe, expect, it } from "vitest"
import type { Operation } from "../../src/model/plan.ts"
import { parseNodeReply } from "../../src/wire/activation-reply.ts"
import { file, fileOperation, sampleBundle, sampleOperations, sha256 } from "./sample.ts"
import { installed, Scratch } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function oldNode(shell?: readonly string[]): Scratch {
  const node = new Scratch(shell)
  nodes.push(node)
  node.write("etc/motd", "old\n", 0o600)
  node.write("etc/gone", "gone\n", 0o755)
  return node
}

const bundle = sampleBundle()
const operations = sampleOperations(bundle)
const fail: Operation = {
  op: "run",
  name: "web",
  run: ["sh", "-c", "echo no; echo way >&2; exit 3"],
}

async function activated(node: Scratch, txn = "t1", seconds = "60") {
  expect((await node.stage(txn, bundle, operations)).lines).toEqual(["staged"])
  const activation = node.start(["activate", txn, seconds])
  await activation.until("activated")
  return activation
}

const shells = [["dash"], ["bash", "--posix"]].filter(([program = ""]) => installed(program))

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))("under %s", (_, shell) => {
  it("brings a node to a release and keeps it once confirmed", async () => {
    const node = oldNode(shell)
    const activation = await activated(node)
    expect(activation.lines()).toEqual([
      "armed 60",
      ...operations.map((_operation, index) => `done ${index + 1}`),
      "activated",
    ])
    const confirmed = await node.run(["confirm", "t1"])
    expect(confirmed).toMatchObject({ lines: ["confirmed"], code: 0, stderr: "" })
    await activation.ended
    expect(node.state()).toMatchObject({
      "etc/motd": "644 new\n",
      "etc/lbctl/new/agent.json": "640 {}\n",
      "etc/lbctl/new": "755",
      "proc/sys/net/ipv4/conf/all/arp_ignore": "644 1\n",
      "double/enabled/web.service": "644 ",
      "double/running/web.service": "644 ",
      "double/addresses": "644 lo 127.0.0.1/8\nlo 192.0.2.10/32\n",
      "sys/class/net/tunl0/flags": "644 0x1\n",
    })
    expect(node.has("etc/gone")).toBe(false)
    expect(node.read("var/lib/lbctl/current/manifest")).toContain("own file /etc/motd")
    expect(node.read(`var/lib/lbctl/current/files/${sha256("new\n")}`)).toBe("new\n")
    expect(node.read("var/lib/lbctl/prior-sysctls")).toBe("net.ipv4.conf.all.arp_ignore 0\n")
    expect(JSON.parse(node.read("var/lib/lbctl/history.jsonl"))).toMatchObject({
      release: bundle.id,
      by: "Ada O'Neil",
      result: "confirmed",
      transaction: "t1",
      run: "run1",
      steps: {
        stage: expect.any(Number) as number,
        activate: expect.any(Number) as number,
        confirm: expect.any(Number) as number,
      },
    })
    expect(node.timers()).toBe(0)
    expect(node.has("var/lib/lbctl/stage/t1")).toBe(false)
    expect(node.has("var/lib/lbctl/open")).toBe(false)
    expect(Object.keys(node.state()).filter((path) => path.includes("lbctl-new"))).toEqual([])
  })

  it("takes everything back when an operation fails, and says why", async () => {
    const node = oldNode(shell)
    const before = node.state()
    await node.stage("t1", bundle, [...operations, fail])
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended.code).toBe(7)
    expect(ended.stderr).toBe("")
    const replies = ended.lines.map(parseNodeReply)
    expect(replies.at(-2)).toEqual({ type: "failed", operation: 13, output: "no\nway\n" })
    expect(replies.at(-1)).toEqual({ type: "reverted" })
    expect(node.state()).toEqual(before)
    expect(node.timers()).toBe(0)
    expect(node.read("var/lib/lbctl/last")).toBe(
      `release ${bundle.id} by Ada O'Neil since 2026-01-02T03:04:05Z: reverted (operation 13 failed)\n`,
    )
    expect(JSON.parse(node.read("var/lib/lbctl/history.jsonl"))).toMatchObject({
      result: "reverted",
      why: "operation 13 failed",
    })
  })

  it("reverts by itself when nobody confirms, though the controller is gone", async () => {
    const node = oldNode(shell)
    const before = node.state()
    const activation = await activated(node, "t1", "1")
    await activation.leave()
    expect(node.state()).not.toEqual(before)
    await expect.poll(() => node.has("var/lib/lbctl/open"), { timeout: 9000 }).toBe(false)
    await expect.poll(() => node.timers(), { timeout: 5000 }).toBe(0)
    expect(node.state()).toEqual(before)
    expect((await node.run(["confirm", "t1"])).lines).toEqual(["gone reverted"])
  })
})

/** Debian's busybox prefers its own `ip` and `modprobe` to any in PATH: it gets no operation that needs them. */
describe.skipIf(!installed("busybox"))("under busybox sh", () => {
  const own = operations.filter(({ op }) => !/^(link|address)-/.test(op))

  it("brings a node to a release and keeps it once confirmed", async () => {
    const node = oldNode(["busybox", "sh"])
    await node.stage("t1", bundle, own)
    const activation = node.start(["activate", "t1", "60"])
    await activation.until("activated")
    const confirmed = await node.run(["confirm", "t1"])
    expect(confirmed).toMatchObject({ lines: ["confirmed"], code: 0, stderr: "" })
    expect(node.state()).toMatchObject({ "etc/motd": "644 new\n" })
    expect(node.timers()).toBe(0)
  })

  it("takes everything back when an operation fails", async () => {
    const node = oldNode(["busybox", "sh"])
    const before = node.state()
    await node.stage("t1", bundle, [...own, fail])
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended).toMatchObject({ code: 7, stderr: "" })
    expect(node.state()).toEqual(before)
    expect(node.timers()).toBe(0)
  })
})

describe("activate", () => {
  it("is reverted by the timer in the middle of a handler that hangs", async () => {
    const node = oldNode()
    const before = node.state()
    const once = `mkdir ${node.root}/double/ran || exit 0; exec sleep 60`
    const hangs: Operation = { op: "run", name: "x", run: ["sh", "-c", once] }
    await node.stage("t1", bundle, [...operations, hangs])
    const ended = await node.run(["activate", "t1", "1"])
    expect(ended.lines.map(parseNodeReply).slice(-2)).toEqual([
      { type: "failed", operation: 13, output: "stopped before it was done\n" },
      { type: "reverted" },
    ])
    expect(node.state()).toEqual({ ...before, "double/ran": "755" })
    await expect.poll(() => node.timers(), { timeout: 5000 }).toBe(0)
  })

  it("refuses a second controller while the first is connected, and says who it is", async () => {
    const node = oldNode()
    const first = await activated(node)
    await node.stage("t2", bundle, operations)
    const second = await node.run(["activate", "t2", "60"])
    expect(second.code).toBe(6)
    expect(second.lines).toEqual(["locked 2026-01-02T03:04:05Z laptop Ada O'Neil"])
    await node.run(["revert", "t1"])
    await first.ended
  })

  it("settles what a vanished controller left open before it begins", async () => {
    const node = oldNode()
    await (await activated(node)).leave()
    await node.stage("t2", bundle, operations)
    const second = node.start(["activate", "t2", "60"])
    await second.until("activated")
    expect(second.lines()[0]).toBe(
      `settled reverted t1 ${bundle.id} 2026-01-02T03:04:05Z Ada O'Neil`,
    )
    expect((await node.run(["confirm", "t2"])).lines).toEqual(["confirmed"])
    await second.ended
    expect(node.timers()).toBe(0)
  })

  it("settles at once what a vanished controller's activation is still at work at", async () => {
    const node = oldNode()
    const before = node.state()
    const once = `mkdir ${node.root}/double/ran || exit 0; exec sleep 60`
    const slow: Operation = { op: "run", name: "x", run: ["sh", "-c", once] }
    await node.stage("t1", bundle, [...operations, slow])
    const first = node.start(["activate", "t1", "90"])
    await first.until("done 12")
    void first.leave()
    const how = `settled reverted t1 ${bundle.id} 2026-01-02T03:04:05Z Ada O'Neil`
    await expect
      .poll(async () => (await node.run(["settle"])).lines, { timeout: 10_000 })
      .toEqual([how])
    expect(node.state()).toEqual({ ...before, "double/ran": "755" })
    expect(node.timers()).toBe(0)
    expect(node.read("var/lib/lbctl/last")).toContain("reverted (stopped before it was done)")
  })

  it("removes with a confirmation what other runs staged for the release before", async () => {
    const node = oldNode()
    await node.stage("t0", sampleBundle({ id: "c".repeat(64) }), operations)
    await node.stage("t2", bundle, operations)
    const activation = await activated(node)
    expect((await node.run(["confirm", "t1"])).lines).toEqual(["confirmed"])
    await activation.ended
    expect(node.list("var/lib/lbctl/stage")).toEqual(["t2"])
  })

  it.each<[string, (node: Scratch) => void]>([
    ["/etc/motd", (node) => node.write("etc/motd", "by hand\n")],
    ["/etc/systemd/system/web.service", (node) => node.write("etc/systemd/system/web.service", "")],
    ["/etc/gone", (node) => node.write("etc/gone", "other\n")],
    [
      "net.ipv4.conf.all.arp_ignore",
      (node) => node.write("proc/sys/net/ipv4/conf/all/arp_ignore", "2\n"),
    ],
  ])("does nothing when %s is not as the plan saw it", async (subject, change) => {
    const node = oldNode()
    await node.stage("t1", bundle, operations)
    change(node)
    const before = node.state()
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended).toMatchObject({ code: 5, lines: [`stale ${subject}`] })
    expect(node.state()).toEqual(before)
    expect(node.has("var/lib/lbctl/stage/t1")).toBe(false)
  })

  it("loads a module before it looks at the sysctls the module brings", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, [
      { op: "module", name: "ip_vs" },
      { op: "sysctl", key: "net.ip_vs.knob", value: "1", prior: "-" },
      fail,
    ])
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended.lines.slice(0, 3)).toEqual(["armed 60", "done 1", "done 2"])
    expect(node.read("proc/sys/net/ip_vs/knob")).toBe("7\n")
  })

  it("ends with nothing done when a module cannot be loaded", async () => {
    const node = oldNode()
    const before = node.state()
    await node.stage("t1", bundle, [{ op: "module", name: "nope" }, ...operations])
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended.lines.map((line) => parseNodeReply(line)?.type)).toEqual(["failed", "reverted"])
    expect(node.state()).toEqual(before)
  })

  it("waits for an await until it succeeds", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, [
      {
        op: "await",
        name: "w",
        run: ["sh", "-c", `[ -e ${node.root}/tmp1 ] || { touch ${node.root}/tmp1; exit 1; }`],
        timeoutSeconds: 5,
      },
    ])
    const ended = node.start(["activate", "t1", "60"])
    await ended.until("activated")
    expect(ended.lines()).toEqual(["armed 60", "done 1", "activated"])
    await node.run(["revert", "t1"])
  })

  it("gives an await up when its time is over, even one that hangs", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, [
      {
        op: "await",
        name: "w",
        run: ["sh", "-c", "echo waiting; exec sleep 60"],
        timeoutSeconds: 1,
      },
    ])
    const ended = await node.run(["activate", "t1", "60"])
    expect(parseNodeReply(ended.lines[1] ?? "")).toEqual({
      type: "failed",
      operation: 1,
      output: "waiting\n",
    })
  })

  it("counts an address that is there already, or gone already, as done", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, [
      { op: "address-add", cidr: "127.0.0.1/8", device: "lo" },
      { op: "address-remove", cidr: "192.0.2.9/32", device: "lo" },
      fail,
    ])
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended.lines.slice(0, 3)).toEqual(["armed 60", "done 1", "done 2"])
    expect(node.read("double/addresses")).toBe("lo 127.0.0.1/8\n")
  })

  it("keeps a symbolic link it replaced, and puts it back as one", async () => {
    const node = oldNode()
    const link = file("/etc/link", "x\n", "0644")
    node.link("motd", "etc/link")
    const before = node.state()
    const linked = sampleBundle({ files: [link] })
    await node.stage("t1", linked, [fileOperation(link, sha256("old\n")), fail])
    expect((await node.run(["activate", "t1", "60"])).lines.slice(1, 2)).toEqual(["done 1"])
    expect(node.state()).toEqual(before)
  })
})

describe("a way back", () => {
  it("runs what withdraws a handler where the release before had none", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, [
      {
        op: "run",
        name: "web",
        run: ["sh", "-c", `echo run >> ${node.root}/double/log`],
        withdraw: ["sh", "-c", `echo "it's withdrawn" >> ${node.root}/double/log`],
      },
      { ...fail, name: "other" },
    ])
    await node.run(["activate", "t1", "60"])
    expect(node.read("double/log")).toBe("run\nit's withdrawn\nsystemctl daemon-reload\n")
  })

  it("runs the handler of the release it goes back to", async () => {
    const node = oldNode()
    const log = (word: string) => ["sh", "-c", `echo ${word} >> ${node.root}/double/log`]
    const first = sampleBundle({ handlers: [{ name: "web", run: log("old-handler") }] })
    await node.stage("t1", first, operations)
    const activation = node.start(["activate", "t1", "60"])
    await activation.until("activated")
    await node.run(["confirm", "t1"])
    await node.stage("t2", bundle, [
      { op: "run", name: "web", run: log("new-handler") },
      { ...fail, name: "other" },
    ])
    node.write("double/log", "")
    const ended = await node.run(["activate", "t2", "60"])
    expect(ended.lines.at(-1)).toBe("reverted")
    expect(node.read("double/log")).toBe("new-handler\nold-handler\n")
  })

  it("tells what did not come back, and still ends the transaction", async () => {
    const node = oldNode()
    const first = sampleBundle({
      handlers: [{ name: "web", run: ["sh", "-c", "echo cannot; exit 1"] }],
    })
    await node.stage("t1", first, operations)
    const activation = node.start(["activate", "t1", "60"])
    await activation.until("activated")
    await node.run(["confirm", "t1"])
    await node.stage("t2", first, [fail])
    const ended = await node.run(["activate", "t2", "60"])
    expect(parseNodeReply(ended.lines.at(-1) ?? "")).toEqual({
      type: "revert-failed",
      output: "web: cannot\n\n",
    })
    expect(node.has("var/lib/lbctl/open")).toBe(false)
    expect(node.read("var/lib/lbctl/last")).toContain("revert-failed")
  })
})

describe("confirm", () => {
  it("refuses before the activation has come to its end", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, [...operations, fail])
    expect((await node.run(["confirm", "t1"])).lines).toEqual(["gone reverted"])
  })

  it("says so when it was confirmed already", async () => {
    const node = oldNode()
    await activated(node)
    await node.run(["confirm", "t1"])
    const again = await node.run(["confirm", "t1"])
    expect(again).toMatchObject({ code: 7, lines: ["gone confirmed"] })
  })

  it("gives a release that is here already its new manifest", async () => {
    const node = oldNode()
    await activated(node)
    await node.run(["confirm", "t1"])
    const less = sampleBundle({ units: [], linksUp: [] })
    await node.stage("t2", less, [])
    const activation = node.start(["activate", "t2", "60"])
    await activation.until("activated")
    expect((await node.run(["confirm", "t2"])).lines).toEqual(["confirmed"])
    expect(node.read("var/lib/lbctl/current/manifest")).not.toContain("own unit")
    expect(node.read(`var/lib/lbctl/current/files/${sha256("new\n")}`)).toBe("new\n")
  })

  it("keeps ten releases and the current one among them", async () => {
    const node = oldNode()
    for (let index = 0; index < 12; index++) {
      const id = String(index).padStart(64, "0")
      await node.stage(`t${index}`, sampleBundle({ id }), [])
      const activation = node.start(["activate", `t${index}`, "60"])
      await activation.until("activated")
      await node.run(["confirm", `t${index}`])
      await activation.ended
    }
    expect(node.list("var/lib/lbctl/releases")).toHaveLength(10)
    expect(node.list("var/lib/lbctl/releases")).toContain("11".padStart(64, "0"))
  })

  it("keeps as many releases as it is told, none that is too old, and always the one before", async () => {
    const node = oldNode()
    const hour = 3600
    const apply = async (number: number, count: number, age = 0) => {
      const keep = { count, maxAgeMs: hour * 1000 }
      const release = sampleBundle({ id: String(number).padStart(64, "0"), files: [] })
      await node.stage(`t${number}`, release, [], { keep })
      const activation = node.start(["activate", `t${number}`, "60"])
      await activation.until("activated")
      await node.run(["confirm", `t${number}`])
      await activation.ended
      if (age > 0) node.age(`var/lib/lbctl/releases/${release.id}`, age)
    }
    const kept = () => node.list("var/lib/lbctl/releases").map(Number)
    await apply(1, 2, 2 * hour)
    await apply(2, 2, 60)
    expect(kept()).toEqual([1, 2])
    await apply(3, 2)
    expect(kept()).toEqual([2, 3])
    node.age(`var/lib/lbctl/releases/${"2".padStart(64, "0")}`, 2 * hour)
    await apply(4, 10)
    expect(kept()).toEqual([3, 4])
    await apply(4, 10)
    expect(kept()).toEqual([3, 4])
  })

  it("of an empty release leaves nothing but the history", async () => {
    const node = oldNode()
    await activated(node)
    await node.run(["confirm", "t1"])
    const empty = sampleBundle({
      id: "e".repeat(64),
      files: [],
      sysctls: [],
      linksUp: [],
      addresses: [],
      units: [],
      handlers: [],
    })
    await node.stage("t2", empty, [
      { op: "unit-stop", name: "web.service" },
      { op: "unit-disable", name: "web.service" },
      { op: "address-remove", cidr: "192.0.2.10/32", device: "lo" },
      { op: "file-remove", path: "/etc/motd", prior: sha256("new\n") },
      { op: "sysctl-restore", key: "net.ipv4.conf.all.arp_ignore", prior: "1" },
    ])
    const activation = node.start(["activate", "t2", "60"])
    await activation.until("activated")
    expect((await node.run(["confirm", "t2"])).lines).toEqual(["confirmed"])
    await activation.ended
    expect(node.list("var/lib/lbctl")).toEqual(["history.jsonl"])
    expect(node.read("proc/sys/net/ipv4/conf/all/arp_ignore")).toBe("0\n")
    expect(node.has("etc/systemd/system/lbctl-settle.service")).toBe(false)
    expect(node.has("etc/systemd/system/sysinit.target.wants/lbctl-settle.service")).toBe(false)
  })
})

describe("abort", () => {
  it("removes a stage, but not one that was activated", async () => {
    const node = oldNode()
    await node.stage("t1", bundle, operations)
    expect((await node.run(["abort", "t1"])).lines).toEqual(["aborted"])
    expect(node.has("var/lib/lbctl/stage/t1")).toBe(false)
    await activated(node, "t2")
    expect((await node.run(["abort", "t2"])).lines).toEqual(["gone unfinished"])
    await node.run(["revert", "t2"])
  })
})
