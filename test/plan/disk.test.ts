import { describe, expect, it } from "vitest"
import { missingRoom } from "../../src/plan/disk.ts"
import { planFleet } from "../../src/plan/fleet.ts"
import type { HostInput } from "../../src/plan/host.ts"
import { bundle, observed, view } from "./fixtures.ts"

const file = {
  path: "/etc/x",
  mode: "0644",
  owner: "root:root",
  content: "x".repeat(4096),
  notify: [],
}
const wanted = bundle({ files: [file] })

function holding(disk_free_kib: string | undefined) {
  return observed({ facts: disk_free_kib === undefined ? {} : { disk_free_kib } })
}

describe("a host without room on its disk", () => {
  it("is told with what it has and needs", () => {
    expect(missingRoom(wanted, holding("12"))).toEqual([
      {
        host: "rs1",
        message: "there is no room on the disk: 12 KiB free in /var/lib, 1032 needed",
        hint: "make room there: lbctl keeps its last ten releases in /var/lib/lbctl/releases",
      },
    ])
  })

  it("is one that has too little, not one that says nothing", () => {
    expect(missingRoom(wanted, holding("1031"))).toHaveLength(1)
    expect(missingRoom(wanted, holding("1032"))).toEqual([])
    expect(missingRoom(wanted, holding(undefined))).toEqual([])
  })

  it("blocks a plan that would change it, and no other", () => {
    const input = (content: Partial<HostInput>): HostInput => ({
      view: view(),
      bundle: wanted,
      observed: holding("0"),
      directors: [],
      now: "2026-01-01T00:00:00.000Z",
      ...content,
    })
    const blocked = planFleet([input({})], [])
    expect(blocked.blocked.map((notice) => notice.host)).toEqual(["rs1"])
    expect(blocked.hosts).toEqual([])
    const same = planFleet([input({ bundle: bundle() })], [])
    expect([same.blocked, same.unchanged]).toEqual([[], ["rs1"]])
  })
})
