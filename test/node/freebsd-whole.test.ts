import { spawnSync } from "node:child_process"
import { afterEach, describe, expect, it } from "vitest"
import { emptyBundle } from "../../src/cli/host-input.ts"
import { viewOn } from "../../src/compile/system.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import { usualSystem } from "../../src/model/system.ts"
import { planHost } from "../../src/plan/host.ts"
import { observeRequest } from "../../src/wire/observe-request.ts"
import { bundleOf, realserverView } from "../render/fixtures.ts"
import { observe } from "./observing.ts"
import { Scratch, wheelOwner } from "./scratch.ts"

/** What is rendered, planned and carried out for a real server that runs FreeBSD, by the doubles of FreeBSD's programs. */
const view = viewOn(realserverView(), { ...usualSystem, init: "rc" })
const rendered = bundleOf(view)
const bundle: Bundle = {
  ...rendered,
  files: rendered.files.map((resource) => ({ ...resource, owner: wheelOwner })),
}

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function plan(node: Scratch, wanted: Bundle) {
  const observed = observe(node, observeRequest(wanted))
  return planHost({
    view,
    bundle: wanted,
    observed,
    directors: ["lb1"],
    now: "2026-01-01T00:00:00Z",
  })
}

async function apply(node: Scratch, wanted: Bundle, transaction: string): Promise<void> {
  for (const { operations, retains } of plan(node, wanted).filter(
    (one) => one.operations.length > 0,
  )) {
    const staged = await node.stage(transaction, wanted, operations, { retains })
    expect(staged.lines).toEqual(["staged"])
    const activation = node.start(["activate", transaction, "60"])
    expect(await activation.until("activated")).toBe("activated")
    expect((await node.run(["confirm", transaction])).lines).toEqual(["confirmed"])
    await activation.ended
  }
}

const changes = (node: Scratch, wanted: Bundle) =>
  plan(node, wanted).flatMap((step) => step.changes.map(({ kind, subject }) => [kind, subject]))

describe("a real server that runs FreeBSD", () => {
  it("is set up by an apply, needs no second one, is mended, and is as before once it was torn down", async () => {
    const node = new Scratch(["dash"], "rc")
    nodes.push(node)
    node.write("double/sysctls", "net.link.ether.inet.proxyall: 1\n")
    node.write("etc/rc.conf", 'arpproxy_all="YES"\n')
    const before = node.state()

    await apply(node, bundle, "t1")
    expect(changes(node, bundle)).toEqual([])
    expect(node.read("double/addresses")).toContain("lo0 192.0.2.10/32\nlo0 2001:db8::10/128\n")
    expect(node.read("etc/rc.conf.d/lbctl_realserver")).toBe('lbctl_realserver_enable="YES"\n')

    node.write("double/addresses", "lo0 127.0.0.1/8\nlo0 ::1/128\nlo0 fe80::1/64\n")
    expect(changes(node, bundle)).toContainEqual(["address", "192.0.2.10/32"])
    await apply(node, bundle, "t2")
    expect(changes(node, bundle)).toEqual([])

    await apply(node, emptyBundle("rs1"), "t3")
    expect(node.list("var/lib/lbctl")).toEqual(["history.jsonl"])
    const after = node.state()
    expect(after).toMatchObject({ "usr/local/sbin": "755" })
    delete after["usr/local/sbin"] // the folder stays, as on Linux
    expect(after).toEqual(before)
  })

  it("sets itself up at a boot, in its turn", async () => {
    const node = new Scratch(["dash"], "rc")
    nodes.push(node)
    await apply(node, bundle, "t1")
    node.write("double/addresses", "lo0 127.0.0.1/8\n")
    node.write("etc/rc.conf", 'svcj_all_enable="YES"\nlbctl_realserver_svcj="YES"\n')
    const start = spawnSync("service", ["lbctl_realserver", "start"], { env: node.environment() })
    expect(start.status).toBe(0)
    expect(node.read("double/addresses")).toBe(
      "lo0 127.0.0.1/8\nlo0 192.0.2.10/32\nlo0 2001:db8::10/128\n",
    )
    const settle = spawnSync("service", ["lbctl_settle", "start"], { env: node.environment() })
    expect(settle.status).toBe(0)
  })
})
