import { spawnSync } from "node:child_process"
import { existsSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import type { Bundle } from "../../src/model/bundle.ts"
import type { Operation } from "../../src/model/plan.ts"
import { parseNodeReply } from "../../src/wire/activation-reply.ts"
import { observe } from "./observing.ts"
import { file, fileOperation, sampleBundle, sha256 } from "./sample.ts"
import { installed, Scratch, type ScratchInit } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

const shells = [["dash"], ["busybox", "sh"]].filter(([name = ""]) => installed(name))

function nodeOf(init: ScratchInit, shell?: readonly string[]): Scratch {
  const node = new Scratch(shell, init)
  nodes.push(node)
  return node
}

/** A service of a release: it runs as long as double/running/web is there. */
function service(header: string): string {
  return `#!/bin/sh
${header}
state=$LBCTL_ROOT/double/running/web
case $1 in
start) umask 022 && true >"$state" ;;
stop) rm -f "$state" ;;
status) [ -e "$state" ] ;;
esac
`
}
const beforeNetwork = "# Default-Start:     S"
const inDefault = "# Default-Start:     2 3 4 5"
const openrcBeforeNetwork = "depend() {\n  before net\n}"

function release(content: string): Bundle {
  return sampleBundle({
    sysctls: [],
    linksUp: [],
    addresses: [],
    files: [file("/etc/init.d/web", content, "0755")],
    units: [{ name: "web", enabled: true, running: true }],
    handlers: [],
  })
}

function setUp(bundle: Bundle): Operation[] {
  return [
    ...bundle.files.map((resource) => fileOperation(resource, "-")),
    { op: "unit-enable", name: "web" },
    { op: "unit-start", name: "web" },
  ]
}

function tearDown(bundle: Bundle): Operation[] {
  return [
    { op: "unit-stop", name: "web" },
    { op: "unit-disable", name: "web" },
    ...bundle.files.map(({ path, content }): Operation => ({
      op: "file-remove",
      path,
      prior: sha256(content),
    })),
  ]
}

async function activate(node: Scratch, txn: string, bundle: Bundle, operations: Operation[]) {
  expect((await node.stage(txn, bundle, operations)).lines).toEqual(["staged"])
  const activation = node.start(["activate", txn, "60"])
  expect(await activation.until("activated")).toBe("activated")
  return activation
}

async function apply(node: Scratch, txn: string, bundle: Bundle, operations: Operation[]) {
  const activation = await activate(node, txn, bundle, operations)
  expect((await node.run(["confirm", txn])).lines).toEqual(["confirmed"])
  await activation.ended
}

const units = ["web", "other"]
const absent = { exists: false, enabled: false, running: false }
const works = { exists: true, enabled: true, running: true }

/** Each system with a script that comes before the network: where its link lies, and that of what settles at boot. */
const systems = [
  {
    name: "openrc",
    init: "openrc",
    script: service(openrcBeforeNetwork),
    enabled: "etc/runlevels/boot/web",
    settles: "etc/runlevels/boot/lbctl-settle",
    prepare: () => undefined,
  },
  {
    name: "openrc as Debian has it",
    init: "openrc",
    script: service(openrcBeforeNetwork),
    enabled: "etc/runlevels/sysinit/web",
    settles: "etc/runlevels/sysinit/lbctl-settle",
    prepare: (node: Scratch) => {
      node.write("etc/runlevels/sysinit/mountall.sh", "")
    },
  },
  {
    name: "sysvinit with update-rc.d",
    init: "sysvinit",
    script: service(beforeNetwork),
    enabled: "etc/rcS.d/S01web",
    settles: "etc/rcS.d/S01lbctl-settle",
    prepare: (node: Scratch) => {
      node.write("usr/sbin/update-rc.d", "", 0o755)
    },
  },
  {
    name: "sysvinit with chkconfig",
    init: "sysvinit",
    script: service("# chkconfig: 2345 08 92"),
    enabled: "etc/rc3.d/S08web",
    settles: "etc/rc3.d/S08lbctl-settle",
    prepare: (node: Scratch) => {
      node.write("sbin/chkconfig", "", 0o755)
    },
  },
  {
    name: "sysvinit without tools",
    init: "sysvinit",
    script: service(beforeNetwork),
    enabled: "etc/rcS.d/S08web",
    settles: "etc/rcS.d/S07lbctl-settle",
    prepare: () => undefined,
  },
  {
    name: "busybox",
    init: "busybox",
    script: service(beforeNetwork),
    enabled: "etc/init.d/S20web",
    settles: "etc/init.d/S00lbctl-settle",
    prepare: () => undefined,
  },
] as const

function nodeWith(system: (typeof systems)[number], shell?: readonly string[]): Scratch {
  const node = nodeOf(system.init, shell)
  system.prepare(node)
  return node
}

/** The script a link leads to, on the scratch node. */
function leadsTo(node: Scratch, path: string): string {
  const target = readlinkSync(join(node.root, path))
  return target.startsWith("/") ? target.slice(1) : join(path, "..", target)
}

const cases = systems.flatMap((system) =>
  shells.map((shell) => [system.name, shell.join(" "), system, shell] as const),
)

describe.each(cases)("a service on %s, under %s", (_, _shell, system, shell) => {
  it("is enabled and started by a release, and gone with it", async () => {
    const node = nodeWith(system, shell)
    const before = node.state()
    const bundle = release(system.script)
    expect(observe(node, { units }, shell).facts["init"]).toBe(system.init)
    expect(observe(node, { units }, shell).units).toEqual({ web: absent, other: absent })

    await apply(node, "t1", bundle, setUp(bundle))
    expect(observe(node, { units }, shell).units).toEqual({ web: works, other: absent })
    expect(leadsTo(node, system.enabled)).toBe("etc/init.d/web")
    expect(leadsTo(node, system.settles)).toBe("etc/init.d/lbctl-settle")
    expect(node.timers()).toBe(0)

    await apply(node, "t2", { ...release(""), files: [], units: [] }, tearDown(bundle))
    expect(node.state()).toEqual(before)
    expect(node.list("var/lib/lbctl")).toEqual(["history.jsonl"])
  })

  it("is as before when the release fails", async () => {
    const node = nodeWith(system, shell)
    const before = node.state()
    const bundle = release(system.script)
    const fail: Operation = { op: "run", name: "x", run: ["false"] }
    await node.stage("t1", bundle, [...setUp(bundle), fail])
    const ended = await node.run(["activate", "t1", "60"])
    expect(ended.stderr).toBe("")
    expect(ended.lines.map(parseNodeReply).slice(-2)).toMatchObject([
      { type: "failed", operation: 4 },
      { type: "reverted" },
    ])
    expect(node.state()).toEqual(before)
  })

  it("runs after a boot that gives it back, though the boot did not know of it", async () => {
    const node = nodeWith(system, shell)
    const bundle = release(system.script)
    await apply(node, "t1", bundle, setUp(bundle))
    const held = node.state()
    const activation = await activate(node, "t2", { ...bundle, units: [] }, tearDown(bundle))
    expect(observe(node, { units }, shell).units["web"]).toEqual(absent)
    await activation.leave()

    const ended = await node.run(["boot"])
    expect(ended).toMatchObject({ stderr: "", lines: ["reverted"] })
    expect(node.state()).toEqual(held)
    expect(observe(node, { units }, shell)).toMatchObject({
      units: { web: works },
      release: bundle.id,
    })
  })
})

describe("a service that is not for the time before the network", () => {
  it.each([
    ["openrc", service("depend() {\n  need net\n}"), "etc/runlevels/default/web"],
    ["sysvinit", service(inDefault), "etc/rc2.d/S20web"],
    ["busybox", service(inDefault), "etc/init.d/S60web"],
  ] as const)("comes behind it on %s", async (init, content, link) => {
    const node = nodeOf(init)
    const bundle = release(content)
    await apply(node, "t1", bundle, setUp(bundle))
    expect(leadsTo(node, link)).toBe("etc/init.d/web")
    expect(observe(node, { units }).units["web"]).toEqual(works)
  })
})

describe("on sysvinit", () => {
  it("a service that somebody disabled is enabled again", async () => {
    const node = nodeOf("sysvinit")
    node.write("usr/sbin/update-rc.d", "", 0o755)
    node.link("../init.d/web", "etc/rcS.d/K01web")
    const bundle = release(service(beforeNetwork))
    await apply(node, "t1", bundle, setUp(bundle))
    expect(node.list("etc/rcS.d")).toEqual(["S01lbctl-settle", "S01web"])
  })
})

describe("what settles at boot", () => {
  it.each(["openrc", "sysvinit", "busybox"] as const)("is a shell script on %s", async (init) => {
    const node = nodeOf(init)
    const bundle = release(service(beforeNetwork))
    await apply(node, "t1", bundle, setUp(bundle))
    const path = join(node.root, "etc/init.d/lbctl-settle")
    expect(spawnSync("sh", ["-n", path], { encoding: "utf8" }).stderr).toBe("")
    expect(node.state()["etc/init.d/lbctl-settle"]).toMatch(/^755 #!/)
  })
})

describe("a node with another init", () => {
  it.each<[string, (node: Scratch) => void]>([
    [
      "in a container with sysvinit's folders",
      (node) => {
        node.write("etc/rc2.d/README", "")
        node.write("etc/init.d/README", "")
        node.write("proc/1/comm", "sleep\n")
      },
    ],
    [
      "whose rcS does not run the scripts beside it",
      (node) => {
        node.write("etc/init.d/rcS", "#!/bin/sh\nmount -a\n")
      },
    ],
  ])("%s refuses services, and nothing else", async (_, prepare) => {
    const node = nodeOf("other")
    prepare(node)
    expect(observe(node, { units })).toMatchObject({
      facts: { init: "other" },
      units: { web: absent },
    })
    const bundle = release(service(beforeNetwork))
    const refused = await node.stage("t1", bundle, setUp(bundle))
    expect(refused.lines).toEqual(["refused init web -"])
    await apply(node, "t2", bundle, setUp(bundle).slice(0, 1))
    expect(existsSync(join(node.root, "etc/init.d/web"))).toBe(true)
    expect(node.has("etc/init.d/lbctl-settle")).toBe(false)
  })
})
