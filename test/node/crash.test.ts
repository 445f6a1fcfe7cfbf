import { afterEach, describe, expect, it } from "vitest"
import { sampleBundle, sampleOperations } from "./sample.ts"
import { Scratch } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

const bundle = sampleBundle()
const operations = sampleOperations(bundle)
const tools = ["cp", "install", "ip", "ln", "mkdir", "mv", "rm", "rmdir", "sync", "systemctl"]

async function staged(): Promise<Scratch> {
  const node = new Scratch()
  nodes.push(node)
  node.write("etc/motd", "old\n", 0o600)
  node.write("etc/gone", "gone\n", 0o755)
  await node.stage("t1", bundle, operations)
  node.makeFragile(tools)
  return node
}

async function calls(verb: (node: Scratch) => Promise<unknown>): Promise<number> {
  const node = await staged()
  await verb(node)
  return node.read("double/calls").split("\n").length - 1
}

async function activate(node: Scratch, env: Readonly<Record<string, string>> = {}) {
  const activation = node.start(["activate", "t1", "60"], env)
  await activation.until("activated")
  await activation.leave()
}

function crash(at: number, when: string): Readonly<Record<string, string>> {
  return { LBCTL_TEST_CRASH_AT: String(at), LBCTL_TEST_CRASH_WHEN: when }
}

/** Every second point from `first` to `last`, before or after the work of that call. */
function points(first: number, last: number): [number, string][] {
  const all: [number, string][] = []
  for (let at = first; at <= last; at++) all.push([at, at % 2 === 0 ? "before" : "after"])
  return all
}

async function inTurns<T>(items: readonly T[], width: number, run: (item: T) => Promise<void>) {
  const queue = [...items]
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
    }),
  )
}

describe("killed by SIGKILL", () => {
  it("anywhere in an activation, the node is settled to the old release to the byte", async () => {
    const count = await calls(activate)
    expect(count).toBeGreaterThan(20)
    await inTurns(points(1, count), 3, async ([at, when]) => {
      const node = await staged()
      const before = node.state()
      await activate(node, crash(at, when))
      const settled = await node.run(["settle"])
      expect([0, 7], `${at} ${when}: ${settled.stderr}`).toContain(settled.code)
      expect(node.state(), `${at} ${when}`).toEqual(withoutSettle(before, node))
      expect(node.has("var/lib/lbctl/open"), `${at} ${when}`).toBe(false)
      await node.remove()
    })
  }, 180_000)

  it("anywhere in a way back, the next one finishes it", async () => {
    const forward = await calls(activate)
    const count = await calls(async (node) => {
      await activate(node)
      await node.run(["revert", "t1"])
    })
    await inTurns(points(forward + 1, count), 3, async ([at, when]) => {
      const node = await staged()
      const before = node.state()
      await activate(node)
      await node.run(["revert", "t1"], crash(at, when))
      const settled = await node.run(["settle"])
      const told = `${at} ${when}: ${settled.lines.join("; ")} ${settled.stderr}`
      expect(node.state(), told).toEqual(withoutSettle(before, node))
      expect(node.timers(), `${at} ${when}`).toBe(0)
      await node.remove()
    })
  }, 180_000)

  it("anywhere in a confirmation, the node ends on the old release or the new one, complete", async () => {
    const reference = await staged()
    const before = reference.state()
    await activate(reference)
    await reference.run(["confirm", "t1"])
    const after = reference.state()
    const forward = await calls(activate)
    const count = reference.read("double/calls").split("\n").length - 1
    await inTurns(points(forward + 1, count), 3, async ([at, when]) => {
      const node = await staged()
      await activate(node)
      await node.run(["confirm", "t1"], crash(at, when))
      await node.run(["settle"])
      const isNew = node.has("var/lib/lbctl/current")
      expect(node.state(), `${at} ${when}`).toEqual(isNew ? after : withoutSettle(before, node))
      expect(node.has("var/lib/lbctl/open"), `${at} ${when}`).toBe(false)
      expect(node.timers(), `${at} ${when}`).toBe(0)
      if (isNew)
        expect(node.list("var/lib/lbctl/current")).toEqual(["bundle.json", "files", "manifest"])
      await node.remove()
    })
  }, 180_000)
})

describe("a boot", () => {
  it("plays files and unit links back and leaves the new kernel's state alone", async () => {
    const node = await staged()
    const before = node.state()
    await activate(node)
    node.write("proc/sys/net/ipv4/conf/all/arp_ignore", "5\n")
    node.write("double/addresses", "lo 127.0.0.1/8\n")
    node.write("sys/class/net/tunl0/flags", "0x0\n")
    const booted = await node.run(["boot"])
    expect(booted.lines).toEqual(["reverted"])
    expect(node.state()).toEqual({
      ...before,
      "proc/sys/net/ipv4/conf/all/arp_ignore": "644 5\n",
    })
    expect(node.read("var/lib/lbctl/last")).toContain("the node went down before it was confirmed")
    expect(node.read("double/log")).toContain("systemctl --no-block stop web.service")
  })

  it("finishes a confirmation that was decided", async () => {
    const node = await staged()
    await activate(node)
    node.write("var/lib/lbctl/stage/t1/confirmed", "")
    await node.run(["boot"])
    expect(node.has("var/lib/lbctl/current")).toBe(true)
    expect(node.read("etc/motd")).toBe("new\n")
  })

  it("does nothing when no transaction is open", async () => {
    const node = await staged()
    const before = node.state()
    expect(await node.run(["boot"])).toMatchObject({ code: 0, lines: [] })
    expect(node.state()).toEqual(before)
  })
})

/** The unit that settles at boot may be there before the transaction is open: it does nothing until one is. */
function withoutSettle(before: Record<string, string>, node: Scratch): Record<string, string> {
  const left = Object.entries(node.state()).filter(([path]) =>
    /sysinit\.target\.wants|lbctl-settle/.test(path),
  )
  return { ...before, ...Object.fromEntries(left) }
}
