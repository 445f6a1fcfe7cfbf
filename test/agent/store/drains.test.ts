import { describe, expect, it } from "vitest"
import type { Drain } from "../../../src/agent/decide/drain.ts"
import { parseDrains, resumedDrains } from "../../../src/agent/store/drains.ts"
import { destination, held } from "../../plan/samples.ts"

const { destinations: _, ...head } = held([])
const drain: Drain = {
  service: head,
  destination: destination(1, 5),
  sinceMs: 1000,
  untilMs: 31_000,
}
const full: Drain = {
  ...drain,
  service: {
    ...head,
    key: { kind: "fwmark", fwmark: 7, family: 6 },
    flags: ["mh-port"],
    persistence: { timeoutSeconds: 50, prefixLength: 32, engine: "sip" },
  },
  destination: { ...destination(1), tunnel: { type: "gue", port: 5555 } },
  idleSinceMs: 2000,
}

describe("parseDrains", () => {
  it("takes what was written", () => {
    expect(parseDrains(JSON.stringify([drain, full]))).toEqual([drain, full])
  })

  it.each(["", "{}", '[{"service":{}}]', JSON.stringify([{ ...drain, untilMs: "soon" }])])(
    "takes nothing of a damaged file: %s",
    (text) => {
      expect(parseDrains(text)).toBeUndefined()
    },
  )
})

describe("resumedDrains", () => {
  it("keeps the end, and asks anew whether the server is idle", () => {
    expect(resumedDrains([full], 20_000)).toEqual([{ ...full, idleSinceMs: undefined }])
    expect(resumedDrains([drain], 20_000)).toEqual([drain])
  })

  it("ends no later than a drain that began now, when the clock was set back", () => {
    expect(resumedDrains([drain], 500)[0]?.untilMs).toBe(30_500)
  })
})
