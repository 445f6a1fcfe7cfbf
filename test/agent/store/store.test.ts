import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { agentPaths } from "../../../src/agent/paths.ts"
import { openStore } from "../../../src/agent/store/store.ts"

describe("openStore", () => {
  let root = ""
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "lbagent-store-"))))
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const complaints: string[] = []
  const store = () => openStore(agentPaths(root), (line) => complaints.push(line))
  const override = {
    action: "drain",
    host: "rs1",
    by: "ann",
    since: "2026-01-01T12:00:00.000Z",
  } as const

  it("is empty where nothing was ever written", () => {
    expect(store().desired()).toBeUndefined()
    expect(store().overrides()).toEqual([])
    expect(store().owned().services).toEqual([])
    expect(store().tracked("tokyo")).toBeUndefined()
    expect(complaints).toEqual([])
  })

  it("gives back what it was given, and leaves no other file", () => {
    store().saveOverrides([override])
    store().saveOwned({ format: 1, services: ["tcp 192.0.2.10:80"], syncDaemons: true })
    store().track("tokyo", -254)
    expect(store().overrides()).toEqual([override])
    expect(store().owned()).toMatchObject({ services: ["tcp 192.0.2.10:80"], syncDaemons: true })
    expect(store().tracked("tokyo")).toBe(-254)
    const files = readdirSync(join(root, "var/lib/lbctl/agent"), {
      recursive: true,
      encoding: "utf8",
    })
    expect(new Set(files)).toEqual(new Set(["overrides.json", "owned.json", "vrrp", "vrrp/tokyo"]))
  })

  it("keeps health and drains", () => {
    const health = {
      format: 1,
      keptMs: 5,
      servers: [{ key: "a", state: "up", message: "", sinceMs: 1 }],
    } as const
    expect(store().health()).toBeUndefined()
    expect(store().drains()).toEqual([])
    store().saveHealth(health)
    expect(store().health()).toEqual(health)
    store().saveDrains([])
    expect(store().drains()).toEqual([])
    writeFileSync(agentPaths(root).health, '{"format":1,"keptMs":5,"servers":[{}]}')
    expect(store().health()).toBeUndefined()
    expect(complaints.at(-1)).toMatch(/health.json is damaged/)
  })

  it("keeps a ramp with a drain that was lifted, and takes it for damage elsewhere", () => {
    const lifted = { ...override, lifted: true, rampMs: 5000 } as const
    store().saveOverrides([lifted])
    expect(store().overrides()).toEqual([lifted])
    store().saveOverrides([{ ...override, rampMs: 5000 }])
    expect(store().overrides()).toEqual([])
  })

  it("keeps a director's priority with its cluster, and takes one without for damage", () => {
    const given = { ...override, action: "priority", host: "lb1", priority: 90 } as const
    store().saveOverrides([{ ...given, cluster: "tokyo" }])
    expect(store().overrides()).toEqual([{ ...given, cluster: "tokyo" }])
    for (const damage of [given, { ...override, priority: 90 }, { ...given, priority: 255 }]) {
      store().saveOverrides([damage])
      expect(store().overrides()).toEqual([])
    }
    expect(store().trackedBase("tokyo")).toBe(0)
    store().saveTrackedBase("tokyo", -60)
    expect(store().trackedBase("tokyo")).toBe(-60)
  })

  it("takes a damaged file for empty and says so", () => {
    store().saveOverrides([override])
    writeFileSync(agentPaths(root).overrides, '[{"action"')
    expect(store().overrides()).toEqual([])
    expect(complaints.at(-1)).toMatch(/overrides.json is damaged/)
  })
})
