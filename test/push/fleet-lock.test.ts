import { describe, expect, it } from "vitest"
import fc from "fast-check"
import { Failure } from "../../src/core/failure.ts"
import type { Lease } from "../../src/model/lock.ts"
import { lockFleet } from "../../src/push/fleet-lock.ts"
import { controllerProcess, isGone } from "../../src/push/controller-process.ts"
import type { Node } from "../../src/push/node.ts"
import { fakeFleet } from "../fakes/node.ts"

/** Hosts whose locks keep the rules of the lock script, each answering after a moment of its own. */
function lockedFleet(pause: (host: string) => number = () => 0) {
  const leases = new Map<string, Lease>()
  const asked: string[] = []
  const fleet = fakeFleet()
  const node = (host: string): Node => ({
    ...fleet.node(host),
    async lock(call) {
      for (let turn = pause(host); turn > 0; turn--) await Promise.resolve()
      asked.push(`${call.verb} ${host}`)
      const held = leases.get(host)
      if (call.verb === "release" && held?.run === call.run) leases.delete(host)
      if (call.verb !== "take") return { type: "released", lifted: [] }
      if (held !== undefined && held.run !== call.lease.run && held.run !== call.dead)
        return { type: "leased", lease: held }
      leases.set(host, call.lease)
      return { type: "taken", release: "old", ...(held === undefined ? {} : { stale: held }) }
    },
  })
  return { leases, asked, node }
}

function run(id: string): Lease {
  const since = "2026-01-02T03:04:05.678Z"
  return { run: id, what: "apply", since, from: "laptop", process: "-", by: "ada" }
}

const options = { parallel: 8, dead: new Map<string, string>(), overtaken: () => undefined }

describe("the lock of a fleet", () => {
  it("is taken on every host, and given back on every one", async () => {
    const { leases, node } = lockedFleet()
    const lock = await lockFleet(["b", "a", "c"], node, run("r1"), options)
    expect([...leases.keys()].sort()).toEqual(["a", "b", "c"])
    expect(lock.releases.get("c")).toBe("old")
    await lock.release()
    expect(leases.size).toBe(0)
  })

  it("is taken nowhere when another run has one host, and names that run", async () => {
    const { leases, node } = lockedFleet()
    leases.set("b", run("other"))
    const failure = await lockFleet(["a", "b", "c"], node, run("r1"), options).catch(
      (thrown: unknown) => thrown,
    )
    expect(failure).toBeInstanceOf(Failure)
    expect(failure).toMatchObject({
      code: "locked",
      host: "b",
      message: "locked by ada on laptop since 2026-01-02T03:04:05Z (apply, run other)",
    })
    expect([...leases.keys()]).toEqual(["b"])
  })

  it("is taken over from a run that is known to be gone, and that is told", async () => {
    const { leases, node } = lockedFleet()
    leases.set("b", run("gone"))
    const told: string[] = []
    await lockFleet(["a", "b"], node, run("r1"), {
      ...options,
      dead: new Map([["b", "gone"]]),
      overtaken: (host, lease) => told.push(`${host} ${lease.run}`),
    })
    expect(told).toEqual(["b gone"])
  })

  it("is asked of the first host by name before any other, whatever their order", async () => {
    const { asked, node } = lockedFleet()
    await lockFleet(["c", "a", "b"], node, run("r1"), options)
    expect(asked[0]).toBe("take a")
  })

  it("never goes to two runs, leaves nothing behind, and goes to one of those for the same hosts", async () => {
    const hosts = ["a", "b", "c", "d"]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.subarray(hosts, { minLength: 1 }), { minLength: 2, maxLength: 4 }),
        fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
        async (wanted, pauses) => {
          const { leases, node } = lockedFleet((host) => pauses[hosts.indexOf(host)] ?? 0)
          const ended = await Promise.allSettled(
            wanted.map((own, index) => lockFleet(own, node, run(`r${index}`), options)),
          )
          const won = wanted.filter((_, index) => ended[index]?.status === "fulfilled")
          expect(new Set(won.flat()).size).toBe(won.flat().length)
          expect([...leases.keys()].sort()).toEqual(won.flat().sort())
          const same = wanted.every((own) => own.join() === wanted[0]?.join())
          if (same) expect(won).toHaveLength(1)
        },
      ),
    )
  })
})

describe("a controller's process", () => {
  it("is known to be there, and to be gone, on its own machine only", () => {
    const word = controllerProcess()
    const [seat, , start] = word.split(":")
    expect(isGone(word)).toBe(false)
    expect(isGone(`${seat}:${process.pid}:1`)).toBe(true)
    expect(isGone(`${seat}:4194305:${start}`)).toBe(true)
    expect(isGone(`0123456789ab:${process.pid}:1`)).toBe(false)
    expect(isGone("-")).toBe(false)
  })
})
