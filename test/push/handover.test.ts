import { describe, expect, it } from "vitest"
import type { Bundle } from "../../src/model/bundle.ts"
import type { DesiredVrrp } from "../../src/model/desired.ts"
import type { Observed } from "../../src/model/observed.ts"
import { statusOfTable } from "../../src/plan/ipvs-changes.ts"
import { handOver, takeBackVips } from "../../src/push/handover.ts"
import type { Node } from "../../src/push/node.ts"
import { fakeFleet, observedHost } from "../fakes/node.ts"
import { bundle, vrrp as instance } from "../plan/fixtures.ts"

const vips = ["192.0.2.10"]

/** Two directors in memory of which `master` holds the VIPs; keepalived's part: a handover moves them at once. */
class Pair {
  readonly releases: Record<string, string> = { lb1: "old", lb2: "new" }
  readonly dead = new Set<string>()
  master = "lb1"
  /** The master was told, and nothing happens. */
  stuck = false
  readonly asked: string[] = []
  readonly said: string[] = []

  #observed(host: string, vrrp: DesiredVrrp): Observed {
    const holds = this.master === host
    return {
      ...observedHost(host, this.releases[host]),
      addresses: holds
        ? [vrrp.anchor, ...vips].map((address) => ({ address, prefix: 32, device: "eth0" }))
        : [],
      agent: {
        ...statusOfTable([]),
        vrrp: [{ instance: vrrp.instance, state: holds ? "MASTER" : "BACKUP", demoted: false }],
      },
    }
  }

  context(vrrp: DesiredVrrp) {
    const bundles = new Map<string, Bundle>(
      ["lb1", "lb2"].map((host) => [host, bundle({ host, id: "new", agent: "a1" })]),
    )
    const node = (host: string): Node => ({
      ...fakeFleet(this.dead.has(host) ? { [`observe ${host}`]: "unreachable" } : {}).node(host),
      ...(this.dead.has(host) ? {} : { observe: async () => this.#observed(host, vrrp) }),
      agent: async (_, words) => {
        this.asked.push(`${host} ${words.join(" ")}`)
        if (this.stuck) return { code: 1, stdout: "", stderr: "still MASTER" }
        this.master = host === "lb1" && this.master === "lb1" ? "lb2" : "lb1"
        return { code: 0, stdout: "", stderr: "" }
      },
    })
    return { node, bundles }
  }

  handOver(parts: Partial<DesiredVrrp> = {}): Promise<boolean> {
    const vrrp = instance({ vips, ...parts })
    return handOver("lb1", vrrp, this.context(vrrp), (text) => this.said.push(text))
  }
}

describe("a handover before a master changes", () => {
  it("asks the master, and is over when the backup on its new release holds the VIPs", async () => {
    const pair = new Pair()
    expect(await pair.handOver()).toBe(true)
    expect(pair.master).toBe("lb2")
    expect(pair.asked).toEqual(["lb1 failover demo"])
    expect(pair.said).toEqual(["demo: hands over to lb2"])
  })

  it("leaves the VIPs where they are for a director that is no master", async () => {
    const pair = new Pair()
    pair.master = "lb2"
    expect(await pair.handOver()).toBe(false)
    expect(pair.asked).toEqual([])
  })

  it.each([
    ["has not changed", (pair: Pair) => (pair.releases["lb2"] = "old")],
    ["does not answer", (pair: Pair) => pair.dead.add("lb2")],
  ])("goes on without one, and says so, when the backup %s", async (_, spoil) => {
    const pair = new Pair()
    spoil(pair)
    expect(await pair.handOver()).toBe(false)
    expect(pair.said.join()).toMatch(/no backup on its new release/)
    expect(pair.asked).toEqual([])
  })

  it("goes on without one where a cluster has no other director", async () => {
    const pair = new Pair()
    expect(await pair.handOver({ directors: ["lb1"] })).toBe(false)
    expect(pair.said.join()).toMatch(/no backup/)
  })

  it("fails with the agent's words when the VIPs stay", async () => {
    const pair = new Pair()
    pair.stuck = true
    await expect(pair.handOver()).rejects.toMatchObject({
      code: "failed",
      message: "demo was not handed over: still MASTER",
    })
  })

  it("is lifted by the director that handed over", async () => {
    const pair = new Pair()
    const vrrp = instance({ vips, preempt: true })
    await pair.handOver({ preempt: true })
    await takeBackVips("lb1", vrrp, pair.context(vrrp))
    expect(pair.asked).toEqual(["lb1 failover demo", "lb1 failover demo"])
    expect(pair.master).toBe("lb1")
  })
})
