import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { sha256 } from "../../src/core/digest.ts"
import type { SavedPlan } from "../../src/model/saved-plan.ts"
import { changeActions, changeKinds, guardNames, phases, risks } from "../../src/model/plan.ts"
import { decodeSavedPlan, encodeSavedPlan, looksLikeSavedPlan } from "../../src/plan/saved.ts"

const words = fc.string({ maxLength: 12, unit: "grapheme" })
const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== "__proto__")
const digest = words.map((text) => sha256(text))
const optional = <T extends object>(
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
  keys: (keyof T)[],
) => fc.record(shape, { requiredKeys: keys })

const change = fc.record({
  kind: fc.constantFrom(...changeKinds),
  action: fc.constantFrom(...changeActions),
  subject: words,
  meaning: words,
  risk: fc.constantFrom(...risks),
})
const step = optional(
  {
    host: name,
    phase: fc.constantFrom(...phases),
    cluster: words,
    release: words,
    changes: fc.array(change, { maxLength: 3 }),
  },
  ["host", "phase", "release", "changes"],
)
const notice = optional({ host: name, message: words, hint: words }, ["message"])
const unreachable = optional({ host: name, message: words, hint: words }, ["host", "message"])
const guard = optional(
  { guard: fc.constantFrom(...guardNames), host: name, message: words, hint: words },
  ["guard", "message"],
)
const few = { maxLength: 3 }
const print = fc.record({ bundle: digest, observed: fc.dictionary(name, digest) })
const savedPlan = optional(
  {
    lbctl: words,
    created: words,
    inventories: fc.array(words),
    commit: words,
    limit: words,
    tags: words,
    skipTags: words,
    hosts: fc.dictionary(name, print, { maxKeys: 3 }),
    steps: fc.array(digest, few),
    plan: optional(
      {
        hosts: fc.array(step, few),
        unchanged: fc.array(name, few),
        unreachable: fc.array(unreachable, few),
        unmanaged: fc.array(name, few),
        blocked: fc.array(notice, few),
        guards: fc.array(guard, few),
        warnings: fc.array(notice, few),
      },
      ["hosts", "unchanged", "unreachable", "blocked", "guards", "warnings"],
    ),
  },
  ["lbctl", "created", "inventories", "hosts", "steps", "plan"],
)

const small: SavedPlan = {
  lbctl: "1.2.3",
  created: "2026-01-01T00:00:00.000Z",
  inventories: ["inventories/prod"],
  hosts: {},
  steps: [],
  plan: { hosts: [], unchanged: ["rs1"], unreachable: [], blocked: [], guards: [], warnings: [] },
}

function refusal(text: string): string {
  const result = decodeSavedPlan(text)
  return result.ok ? "no refusal" : result.error.message
}

describe("a saved plan", () => {
  it("comes back from its file as it was", () => {
    fc.assert(
      fc.property(savedPlan, (saved) => {
        expect(decodeSavedPlan(encodeSavedPlan(saved))).toEqual({ ok: true, value: saved })
      }),
    )
  })

  it("is known by how its file begins, whatever an editor does to line ends", () => {
    const text = encodeSavedPlan(small)
    expect(looksLikeSavedPlan(text.slice(0, 40))).toBe(true)
    expect(decodeSavedPlan(text.replaceAll("\n", "\r\n"))).toEqual({ ok: true, value: small })
    expect(looksLikeSavedPlan('{ "all": { "hosts": {} } }')).toBe(false)
    expect(looksLikeSavedPlan("all:\n  hosts: { rs1: }\n")).toBe(false)
  })

  it("is refused when it is cut off, at whatever place", () => {
    const text = encodeSavedPlan(small).trimEnd()
    for (let length = 0; length < text.length; length++)
      expect(decodeSavedPlan(text.slice(0, length)).ok).toBe(false)
    expect(refusal(text.slice(0, -1))).toBe("the saved plan is damaged: it is cut off")
  })

  it("is refused when anything in it was edited", () => {
    const text = encodeSavedPlan(small)
    expect(refusal(text.replace("rs1", "rs2"))).toContain("its digest is not right")
    expect(refusal(text.replace("inventories/prod", "inventories/dev"))).toContain("digest")
  })

  it("is refused in another version, which is named", () => {
    const text = encodeSavedPlan(small).replace('"format_version": 1', '"format_version": 2')
    expect(refusal(text)).toBe(
      "the saved plan was written by lbctl 1.2.3 in format 2; this lbctl reads 1",
    )
  })

  it("is refused when it holds what no saved plan holds, though its digest is right", () => {
    const odd = { ...small, plan: { ...small.plan, hosts: [{ host: 7 }] } } as unknown as SavedPlan
    expect(refusal(encodeSavedPlan(odd))).toContain("does not know")
    const more = { ...small, shell: "rm" }
    expect(refusal(encodeSavedPlan(more))).toContain("does not know")
  })

  it("is not taken for one when it is something else", () => {
    expect(refusal("")).toBe("this is not a saved plan")
    expect(refusal("[]")).toBe("this is not a saved plan")
  })
})
