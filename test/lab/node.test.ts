import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { nodeScript } from "../../src/cli/assets.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import type { Observed } from "../../src/model/observed.ts"
import type { Operation } from "../../src/model/plan.ts"
import * as commands from "../../src/wire/commands.ts"
import { observeScript, observeText } from "../../src/wire/observe-request.ts"
import { parseObserveReply } from "../../src/wire/observe-reply.ts"
import { stageTar } from "../../src/wire/stage.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"

const script = nodeScript()
const keep = { count: 10, maxAgeMs: 86_400_000 }
const who = { by: "ada", from: "laptop", since: "2026-01-02T03:04:05Z", run: "run1", what: "apply" }
const vip = { address: "192.0.2.10", prefix: 32, device: "lo" }
const arpIgnore = "net.ipv4.conf.all.arp_ignore"

const unit = `[Unit]
Description=A service of the release
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`

function release(word: string): Bundle {
  const file = (path: string, content: string) => ({
    path,
    content,
    mode: "0644",
    owner: "root:root",
    notify: [],
  })
  return {
    host: "rs1",
    id: sha256(word),
    roles: [],
    modules: [],
    sysctls: [{ key: arpIgnore, value: "1" }],
    linksUp: [],
    addresses: [vip],
    files: [file("/etc/motd", `${word}\n`), file("/etc/systemd/system/web.service", unit)],
    units: [{ name: "web.service", enabled: true, running: true }],
    handlers: [],
    requires: [],
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

/** From what is observed to the bundle; `hold` is a step at which the node stays for a minute. */
function operations(bundle: Bundle, now: Observed, hold?: number): Operation[] {
  const [address] = bundle.addresses
  const steps: Operation[] = [
    { op: "sysctl", key: arpIgnore, value: "1", prior: now.sysctls[arpIgnore] ?? "-" },
    ...bundle.files.map((file): Operation => ({
      op: "file",
      path: file.path,
      sha256: sha256(file.content),
      mode: file.mode,
      owner: file.owner,
      prior: now.files[file.path]?.sha256 ?? "-",
    })),
    { op: "run", name: "daemon-reload", run: ["systemctl", "daemon-reload"] },
    { op: "address-add", cidr: `${address?.address ?? ""}/32`, device: "lo" },
    { op: "unit-enable", name: "web.service" },
    { op: "unit-start", name: "web.service" },
  ]
  if (hold === undefined) return steps
  const held: Operation = { op: "run", name: "hold", run: ["sleep", "61"] }
  return [...steps.slice(0, hold), held, ...steps.slice(hold)]
}

async function observe(node: LabNode): Promise<Observed> {
  const bundle = release("x")
  const text = observeText(observeScript(script), {
    files: bundle.files.map((file) => ({ path: file.path, sha256: "-" })),
    sysctls: [arpIgnore],
    modules: ["ip_vs"],
    units: ["web.service"],
    commands: [],
    runtime: false,
    ipvs: false,
  })
  if (!text.ok) throw new Error(text.error.message)
  const reply = parseObserveReply(
    node.name,
    await node.must(commands.observeCommand, { input: text.value }),
  )
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.value
}

/** Stages and starts an activation whose controller holds on; resolves at once. */
async function begin(node: LabNode, txn: string, bundle: Bundle, seconds: number, hold?: number) {
  const now = await observe(node)
  const input = stageTar({
    bundle,
    operations: operations(bundle, now, hold),
    changes: [],
    directors: [],
    keep,
    who,
    script,
  })
  expect(await node.must(commands.stageCommand(txn), { input })).toBe("staged\n")
  await node.must(
    `rm -f /tmp/${txn}.*; mkfifo /tmp/${txn}.in; sleep 9999 <>/tmp/${txn}.in >/dev/null 2>&1 & echo $! >/tmp/controller; ${commands.activateCommand(txn, seconds)} </tmp/${txn}.in >/tmp/${txn}.out 2>&1 &`,
  )
}

async function reaches(node: LabNode, txn: string, line: string): Promise<void> {
  await until(`${txn}: ${line}`, { timeout: 60_000 }, async () =>
    (await node.must(`cat /tmp/${txn}.out || true`)).split("\n").some((found) => found === line),
  )
}

async function activate(node: LabNode, txn: string, bundle: Bundle, seconds = 120) {
  await begin(node, txn, bundle, seconds)
  await reaches(node, txn, "activated")
}

/** The controller vanishes. */
async function hangUp(node: LabNode): Promise<void> {
  await node.must("kill -9 $(cat /tmp/controller)")
}

/** What a node is judged by, in words. */
async function state(node: LabNode) {
  const observed = await observe(node)
  return {
    motd: await node.must("cat /etc/motd"),
    unit: observed.units["web.service"],
    vip: observed.addresses.some((held) => held.address === vip.address),
    arpIgnore: observed.sysctls[arpIgnore],
    release: observed.release,
    open: observed.transaction?.state,
    links: await node.must("ls /etc/systemd/system/multi-user.target.wants | grep -c web || true"),
    leftovers: await node.must(
      "find /etc -name '*.lbctl-new'; systemctl list-units --all --no-legend 'lbctl-revert*'; systemctl --failed --no-legend",
    ),
  }
}

describe.skipIf(skipWithoutLab())("the node script on machines of their own", () => {
  let lab: Lab
  let node: LabNode
  let other: LabNode
  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["rs1", "rs2"] })
    node = lab.node("rs1")
    other = lab.node("rs2")
  })
  afterAll(async () => {
    await lab.down()
  })

  it("reverts by itself when nobody confirms, without a controller", async () => {
    const before = await state(node)
    await activate(node, "t1", release("one"), 20)
    await hangUp(node)
    expect(await state(node)).toMatchObject({ motd: "one\n", vip: true, open: "abandoned" })
    await until(
      "the timer reverts",
      { timeout: 60_000 },
      async () => (await observe(node)).transaction === undefined,
    )
    expect(await state(node)).toEqual(before)
    expect((await observe(node)).lastResult).toContain("not confirmed within 20 s")
    expect(await node.must("ls /var/lib/lbctl")).toBe("history.jsonl\nlast\n")
  })

  it("tells a second controller who is at work", async () => {
    await activate(node, "t2", release("one"))
    const now = await observe(node)
    expect(now.transaction).toMatchObject({ id: "t2", state: "armed" })
    const bundle = release("two")
    const input = stageTar({
      bundle,
      operations: operations(bundle, now),
      changes: [],
      directors: [],
      keep,
      who,
      script,
    })
    await node.must(commands.stageCommand("t3"), { input })
    const refused = await node.run(commands.activateCommand("t3", 60))
    expect(refused).toMatchObject({ code: 6, stdout: `locked ${who.since} laptop ada\n` })
    expect(await node.must(commands.abortCommand("t3"))).toBe("aborted\n")
    expect(await node.must(commands.revertCommand("t2"))).toBe("reverted\n")
  })

  it("keeps what was confirmed over a power loss at the next moment", async () => {
    await activate(node, "t4", release("one"))
    expect(await node.must(commands.confirmCommand("t4"))).toBe("confirmed\n")
    await node.powerLoss()
    await node.boot()
    expect(await state(node)).toMatchObject({
      motd: "one\n",
      unit: { exists: true, enabled: true, running: true },
      release: release("one").id,
      open: undefined,
      leftovers: "",
    })
  })

  it("is on the old release after a power loss once activated, though the timer died with the power", async () => {
    await activate(node, "t5", release("two"))
    await node.powerLoss()
    await node.boot()
    expect(await state(node)).toMatchObject({
      motd: "one\n",
      unit: { exists: true, enabled: true, running: true },
      release: release("one").id,
      open: undefined,
      leftovers: "",
    })
    expect((await observe(node)).lastResult).toContain("the node went down before it was confirmed")
  })

  it.each([0, 2, 3, 5, 6, 7])(
    "is as before lbctl after a power loss at operation %i of the first activation",
    async (hold) => {
      const before = await state(other)
      const txn = `first-${hold}`
      await begin(other, txn, release("one"), 300, hold)
      await reaches(other, txn, hold === 0 ? "armed 300" : `done ${hold}`)
      await until(
        "it holds",
        { timeout: 30_000 },
        async () => (await other.run("pgrep -f 'sleep 61'")).code === 0,
      )
      await other.powerLoss()
      await other.boot()
      expect(await state(other)).toEqual(before)
      expect(await other.must("ls /var/lib/lbctl")).toBe("history.jsonl\nlast\n")
    },
  )

  it("finishes a confirmation that was decided when the power went", async () => {
    await activate(other, "t6", release("six"))
    await other.must("touch /var/lib/lbctl/stage/t6/confirmed; sync")
    await other.powerLoss()
    await other.boot()
    expect(await state(other)).toMatchObject({ motd: "six\n", open: undefined, leftovers: "" })
    expect((await observe(other)).release).toBe(release("six").id)
  })
})
