import { describe, expect, it } from "vitest"
import { hostInput } from "../../src/cli/host-input.ts"
import { missingServers, withReleases } from "../../src/cli/past-definition.ts"
import type { Definition } from "../../src/cli/pipeline.ts"
import type { Release } from "../../src/model/release.ts"
import { bundle, observed } from "../plan/fixtures.ts"
import { director, server, service } from "../plan/samples.ts"

const state = director(service({ servers: [server(1), server(2)] }))
const file = {
  path: "/etc/lbctl/agent.json",
  mode: "0640",
  owner: "root:root",
  content: JSON.stringify(state),
  notify: [],
}
const release: Release = {
  bundle: bundle({ host: "lb1", id: "past", roles: ["director"], files: [file] }),
  cluster: "tokyo",
  directors: ["lb1", "left"],
}
const now = { host: "lb1", addresses: [], groups: ["lb"], vars: {} }
const definition = {
  fleet: { hosts: [{ name: "lb1", groups: ["lb"] }], clusters: [], services: [] },
  views: [now],
  bundles: new Map([["lb1", bundle({ host: "lb1", id: "now" })]]),
  warnings: [],
} as unknown as Definition

describe("a definition with a past release in it", () => {
  const then = withReleases(definition, new Map([["lb1", release]]))

  it("takes all that planning needs from the release", () => {
    const input = hostInput(then, release.bundle, observed({ host: "lb1" }))
    expect(input.view.director).toEqual(state)
    expect([input.cluster, input.directors]).toEqual(["tokyo", ["lb1"]])
    expect(then.bundles.get("lb1")?.id).toBe("past")
  })

  it("names real servers that would get traffic and hold nothing", () => {
    const hosts = state.services.flatMap((one) => one.servers.map(({ host }) => host))
    expect(missingServers(then, new Map([["lb1", release]]))).toEqual([...new Set(hosts)].sort())
  })
})
