import { describe, expect, it } from "vitest"
import { progressWords } from "../../src/cli/idle.ts"
import type { BackendRow } from "../../src/cli/tables.ts"

const row = (director: string, active: number): BackendRow => ({
  host: "rs1",
  name: "web",
  service: "tcp 192.0.2.10:80",
  server: "10.0.0.1:80",
  director,
  state: "drained",
  weight: 0,
  definedWeight: 1,
  active,
  inactive: 0,
  message: "",
})

describe("the wait for a drain", () => {
  it("tells how many connections are left, over all services, and on which director", () => {
    expect(progressWords({ host: "rs1" }, [row("lb1", 5), row("lb2", 4), row("lb1", 3)])).toBe(
      "rs1: 12 active connections left (lb1 8, lb2 4)",
    )
  })

  it("tells so also while a director cannot be asked", () => {
    expect(progressWords({ service: "web" }, [])).toBe("service web: 0 active connections left")
  })
})
