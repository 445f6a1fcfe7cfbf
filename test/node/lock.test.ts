import { spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import { compareText } from "../../src/core/text.ts"
import type { Hold, Lease } from "../../src/model/lock.ts"
import { lockText, parseLockReply, type LockCall, type LockReply } from "../../src/wire/lock.ts"
import { observe } from "./observing.ts"
import { sampleBundle } from "./sample.ts"
import { installed, Scratch } from "./scratch.ts"

const lockScript = readFileSync("src/node/lbctl-lock.sh", "utf8")
const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

type System = "Linux" | "FreeBSD"

function newNode(system: System = "Linux"): Scratch {
  const node = new Scratch(["dash"], system === "FreeBSD" ? "rc" : "systemd")
  nodes.push(node)
  return node
}

/** The next boot */
function reboot(node: Scratch, system: System): void {
  if (system === "Linux") node.write("proc/sys/kernel/random/boot_id", "boot-2\n")
  else node.write("double/boot_id", "another boot's..")
}

const ada: Lease = {
  run: "aaaa1111",
  what: "apply",
  since: "2026-01-02T03:04:05.678Z",
  from: "laptop",
  process: "seat:7:99",
  by: "Ada O'Neil",
}
const bob: Lease = { ...ada, run: "bbbb2222", from: "ci", by: "bob" }
const window: Hold = {
  since: "2026-01-02T03:04:05Z",
  from: "laptop",
  by: "ada",
  message: "switch work until 04:00; don't $touch",
}
const take = (lease: Lease, seconds = 300, dead?: string): LockCall => ({
  verb: "take",
  lease,
  seconds,
  ...(dead === undefined ? {} : { dead }),
})

const shells = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(([program = ""]) =>
  installed(program),
)

function asker(shell: readonly string[]) {
  return (node: Scratch, call: LockCall): LockReply | undefined => {
    const [program = "", ...words] = shell
    const { stdout, stderr } = spawnSync(program, [...words, "-s"], {
      input: lockText(lockScript, call),
      env: node.environment(),
      encoding: "utf8",
    })
    expect(stderr).toBe("")
    return parseLockReply(stdout)
  }
}

const places = shells.flatMap((shell) =>
  (["Linux", "FreeBSD"] as const)
    .filter((system) => system === "Linux" || shell[0] !== "bash")
    .map((system) => [system, shell.join(" "), shell] as const),
)

describe.each(places)("the lock on %s under %s", (system, _, shell) => {
  const ask = asker(shell)

  it("is one run's until it is given back; others are told whose", () => {
    const node = newNode(system)
    expect(ask(node, take(ada))).toEqual({ type: "taken" })
    expect(ask(node, take(ada))).toEqual({ type: "taken" })
    expect(ask(node, take(bob))).toEqual({ type: "leased", lease: ada })
    expect(ask(node, { verb: "release", run: bob.run })).toEqual({ type: "released", lifted: [] })
    expect(ask(node, take(bob))).toEqual({ type: "leased", lease: ada })
    ask(node, { verb: "release", run: ada.run })
    expect(ask(node, take(bob))).toEqual({ type: "taken" })
  })

  it("ends with its time, with the boot, or with a controller known to be gone, and says so", () => {
    const node = newNode(system)
    ask(node, take(ada, 0))
    expect(ask(node, take(bob))).toEqual({ type: "taken", stale: ada })
    reboot(node, system)
    expect(ask(node, take(ada))).toEqual({ type: "taken", stale: bob })
    expect(ask(node, take(bob, 300, "cccc3333"))).toEqual({ type: "leased", lease: ada })
    expect(ask(node, take(bob, 300, ada.run))).toEqual({ type: "taken", stale: ada })
  })

  it("is renewed, also late, but not when another run has begun", () => {
    const node = newNode(system)
    ask(node, take(ada, 0))
    expect(ask(node, { verb: "renew", run: ada.run, seconds: 300 })).toEqual({ type: "renewed" })
    expect(ask(node, take(bob))).toEqual({ type: "leased", lease: ada })
    ask(node, take(bob, 300, ada.run))
    expect(ask(node, { verb: "renew", run: ada.run, seconds: 300 })).toEqual({ type: "lost" })
  })

  it("is a person's until it is lifted, and refuses every run", () => {
    const node = newNode(system)
    expect(ask(node, { verb: "hold", hold: window })).toEqual({ type: "held" })
    expect(ask(node, take(ada))).toEqual({ type: "holding", hold: window })
    expect(ask(node, { verb: "hold", hold: window })).toEqual({ type: "holding", hold: window })
    expect(ask(node, { verb: "lift", by: "bob", force: false })).toEqual({
      type: "holding",
      hold: window,
    })
    const lifted = { type: "released", lifted: [window] }
    expect(ask(node, { verb: "lift", by: "ada", force: false })).toEqual(lifted)
    expect(ask(node, take(ada))).toEqual({ type: "taken" })
    expect(ask(node, { verb: "hold", hold: window })).toEqual({ type: "leased", lease: ada })
    expect(ask(node, { verb: "lift", by: "ada", force: false })).toEqual({
      type: "leased",
      lease: ada,
    })
    expect(ask(node, { verb: "lift", by: "bob", force: true })).toEqual({
      type: "released",
      lifted: [ada],
    })
  })

  it("is asked for by many at once, and given to one", async () => {
    const node = newNode(system)
    const [program = "", ...words] = shell
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map(
        (run) =>
          new Promise<LockReply | undefined>((resolve) => {
            const child = spawn(program, [...words, "-s"], { env: node.environment() })
            let told = ""
            child.stdout.on("data", (chunk: Buffer) => (told += chunk.toString()))
            child.on("close", () => resolve(parseLockReply(told)))
            child.stdin.end(lockText(lockScript, take({ ...ada, run })))
          }),
      ),
    )
    expect(answers.map((answer) => answer?.type ?? "").toSorted(compareText)).toEqual([
      "leased",
      "leased",
      "leased",
      "taken",
    ])
  })

  it("shows in what a node tells of itself, unless its time is over", () => {
    const node = newNode(system)
    expect(observe(node, {}, shell).lease).toBeUndefined()
    ask(node, take(ada))
    expect(observe(node, {}, shell).lease).toEqual(ada)
    ask(node, take(ada, 0))
    expect(observe(node, {}, shell).lease).toBeUndefined()
    ask(node, { verb: "hold", hold: window })
    expect(observe(node, {}, shell).hold).toEqual(window)
  })
})

describe("an activation", () => {
  const bundle = sampleBundle({ files: [] })

  it("is refused when another run took the lock in the meantime", async () => {
    const node = newNode()
    const ask = asker(["dash"])
    await node.stage("t1", bundle, [])
    ask(node, take(bob))
    const ended = await node.run(["activate", "t1", "60"])
    expect([ended.code, ended.lines]).toEqual([6, [`locked ${bob.since} ci bob`]])
    ask(node, { verb: "release", run: bob.run })
    const activation = node.start(["activate", "t1", "60"])
    expect(await activation.until("activated")).toBe("activated")
  })
})

describe("the lock script", () => {
  it.skipIf(!installed("shellcheck"))("passes shellcheck as POSIX sh", () => {
    const ended = spawnSync("shellcheck", ["-s", "sh", "src/node/lbctl-lock.sh"], {
      encoding: "utf8",
    })
    expect(ended.stdout).toBe("")
  })
})
