import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Bundle } from "../../src/model/bundle.ts"
import type { HostView } from "../../src/model/desired.ts"
import { bundleOf, directorView, realserverView, service, vrrp } from "../render/fixtures.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { projectRoot } from "./lib/project.ts"

const vip = "10.77.0.100"
const server = service().servers[0]
const web = service({
  key: { kind: "address", protocol: "tcp", address: vip, port: 80 },
  servers: server === undefined ? [] : [{ ...server, address: "10.77.0.21" }],
})

/** Carries a bundle out by hand in the order of the design: the roles are on trial here, not the node script. */
async function apply(node: LabNode, bundle: Bundle): Promise<void> {
  const lines = [
    ...bundle.modules.map((name) => `modprobe ${name}`),
    ...bundle.sysctls.map(({ key, value }) => `sysctl -qw ${key}=${value}`),
    ...bundle.linksUp.map((device) => `ip link set ${device} up`),
    ...bundle.files.flatMap(({ path, mode, content }) => [
      `mkdir -p ${path.slice(0, path.lastIndexOf("/"))}`,
      `echo ${Buffer.from(content).toString("base64")} | base64 -d >${path}`,
      `chmod ${mode} ${path}`,
    ]),
    ...bundle.files.flatMap(({ path, validate = [] }) =>
      validate.length === 0 ? [] : [validate.join(" ").replace("%s", path)],
    ),
    ...bundle.addresses.map(
      ({ address, prefix, device }) => `ip address replace ${address}/${prefix} dev ${device}`,
    ),
    "systemctl daemon-reload",
    ...bundle.units.flatMap(({ name }) => [
      `systemctl enable -q ${name}`,
      `systemctl start ${name}`,
    ]),
    ...bundle.handlers.flatMap(({ unit, run }) => (unit === undefined ? [run.join(" ")] : [])),
  ]
  await node.must(`set -e\n${lines.join("\n")}\nsync`, { timeout: 120_000 })
}

async function eventually(node: LabNode, question: string, expected: string): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const { stdout } = await node.run(question)
    if (stdout.includes(expected)) return
    if (performance.now() > deadline) expect(stdout).toContain(expected)
    await new Promise((done) => setTimeout(done, 500))
  }
}

describe.skipIf(skipWithoutLab())("the shipped roles on machines", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-roles-"))
  let lab: Lab
  let director: HostView
  const realserver = realserverView({
    vips: [{ address: vip, prefix: 32, family: 4, services: ["web"], device: "lo" }],
  })

  beforeAll(async () => {
    const build = join(projectRoot(), "scripts", "build-agent.mjs")
    execFileSync(process.execPath, [build, "--directory", join(folder, "agent")])
    const { id } = JSON.parse(readFileSync(join(folder, "agent", "manifest.json"), "utf8")) as {
      id: string
    }
    const path = `/opt/lbctl/agent/${id}`
    director = {
      ...directorView(
        [vrrp({ vips: [vip], source: "10.77.0.11", unicastPeers: ["10.77.0.12"] })],
        [web],
      ),
      agent: { id, path },
    }
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    await lab.serveHttp("rs1", { port: 80 })
    const lb1 = lab.node("lb1")
    for (const file of ["lbagent", "lbagent.cjs", "koffi.node"])
      await put(lb1, join(folder, "agent", file), `${path}/${file}`)
    await put(lb1, process.execPath, "/opt/lbctl/runtime/current/node")
  })

  afterAll(async () => {
    await lab?.down()
    rmSync(folder, { recursive: true })
  })

  it("set a real server up that comes back from a power loss silent and with its VIP", async () => {
    const rs1 = lab.node("rs1")
    await apply(rs1, bundleOf(realserver))
    expect(await rs1.must("lvs-real status")).not.toContain("MISSING")
    await rs1.powerLoss()
    await rs1.boot()
    expect(await rs1.must("lvs-real status")).not.toContain("MISSING")
    expect(await rs1.must("systemctl is-active lbctl-realserver")).toBe("active\n")
    await rs1.must("systemctl restart lbctl-realserver && systemctl stop lbctl-realserver")
    expect(await rs1.must("ip -o address show dev lo")).toContain(`${vip}/32`)
  })

  it("set a director up that is master, balances, and is so again after a power loss", async () => {
    const lb1 = lab.node("lb1")
    await apply(lb1, bundleOf(director))
    await eventually(lb1, "ip -o address show dev eth0", `${vip}/32`)
    await eventually(lb1, "ipvsadm -Sn", `-a -t ${vip}:80 -r 10.77.0.21:80 -g -w 1`)
    await lb1.powerLoss()
    await lb1.boot()
    await eventually(lb1, "ip -o address show dev eth0", `${vip}/32`)
    await eventually(lb1, "ipvsadm -Sn", `-a -t ${vip}:80 -r 10.77.0.21:80 -g -w 1`)
    expect(await lb1.must("sysctl -n net.ipv4.vs.expire_nodest_conn")).toBe("1\n")
    expect(await lb1.must("sysctl -n net.ipv4.conf.eth0.accept_local")).toBe("1\n")
    expect(await lb1.must("systemctl is-active lbagent keepalived")).toBe("active\nactive\n")
    expect(
      await lb1.must("curl -s --max-time 3 --unix-socket /run/lbctl/agent.sock http://x/status"),
    ).toContain('"state":"up"')
  })

  it("let go of an instance by the tracked file, and reload without giving it up", async () => {
    const lb1 = lab.node("lb1")
    const before = await lb1.must("systemctl show -P MainPID keepalived")
    await lb1.must("systemctl reload keepalived; sleep 2")
    expect(await lb1.must("ip -o address show dev eth0")).toContain(`${vip}/32`)
    expect(await lb1.must("systemctl show -P MainPID keepalived")).toBe(before)
    await lb1.must("systemctl stop lbagent; echo -254 >/var/lib/lbctl/agent/vrrp/tokyo; sleep 2")
    expect(await lb1.must("ip -o address show dev eth0")).not.toContain(`${vip}/32`)
    expect(await lb1.must("ipvsadm -Sn")).toContain(`-a -t ${vip}:80 -r 10.77.0.21:80`)
  })
})

async function put(node: LabNode, from: string, to: string): Promise<void> {
  await node.must(`mkdir -p ${to.slice(0, to.lastIndexOf("/"))} && cat >${to} && chmod 755 ${to}`, {
    input: readFileSync(from),
    timeout: 120_000,
  })
}
