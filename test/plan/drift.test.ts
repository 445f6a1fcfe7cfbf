import { describe, expect, it } from "vitest"
import { driftText, hostDrift } from "../../src/plan/drift.ts"
import type { HostInput } from "../../src/plan/host.ts"
import { bundle, observed, view } from "./fixtures.ts"

const key = "net.ipv4.conf.all.arp_ignore"

/** A host whose release sets a sysctl to `wanted`, and whose kernel says `now`. */
function input(id: string, wanted: string, now: string, keys = [key]): HostInput {
  return {
    view: view(),
    bundle: bundle({ id, sysctls: keys.map((name) => ({ key: name, value: wanted })) }),
    observed: observed({
      release: "r1",
      sysctls: Object.fromEntries(keys.map((name) => [name, now])),
    }),
    directors: [],
    now: "2026-01-01T00:00:00.000Z",
  }
}

const subjects = (changes: readonly { subject: string }[]) => changes.map(({ subject }) => subject)

describe("the drift of a host", () => {
  it("is none where it holds its release", () => {
    const same = input("r1", "1", "1")
    expect(hostDrift(same, same)).toMatchObject({ drift: [], notApplied: [], release: "r1" })
    expect(driftText([hostDrift(same, same)])).toBe("No drift on 1 host.")
  })

  it("is what differs from its release, whatever the definition says by now", () => {
    const found = hostDrift(input("r2", "0", "0"), input("r1", "1", "0"))
    expect(subjects(found.drift)).toEqual([key])
    expect(found.notApplied).toEqual([])
  })

  it("is not what the definition says and no apply has brought", () => {
    const found = hostDrift(input("r2", "2", "1"), input("r1", "1", "1"))
    expect(found.drift).toEqual([])
    expect(subjects(found.notApplied)).toEqual([key])
    expect(driftText([found])).toContain("not yet applied, no drift:")
    expect(driftText([found])).toContain("No drift on 1 host. 1 host to apply.")
  })

  it("counts once what a new definition would mend as well", () => {
    const found = hostDrift(
      input("r2", "1", "0", [key, "net.ipv4.conf.all.arp_announce"]),
      input("r1", "1", "0"),
    )
    expect(subjects(found.drift)).toEqual([key])
    expect(subjects(found.notApplied)).toEqual(["net.ipv4.conf.all.arp_announce"])
    expect(driftText([found])).toContain("Drift: 1 of 1 host.")
  })

  it("is none where lbctl never was", () => {
    const found = hostDrift(input("r1", "1", "0"), undefined)
    expect(found.drift).toEqual([])
    expect(subjects(found.notApplied)).toEqual([key])
  })
})
