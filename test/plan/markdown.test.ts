import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Change } from "../../src/model/plan.ts"
import { planGitlab } from "../../src/plan/gitlab.ts"
import { planMarkdown } from "../../src/plan/markdown.ts"
import { change, emptyPlan, hostPlan } from "./plans.ts"

const hosts = (count: number, changes: readonly Change[] = [change()]) =>
  Array.from({ length: count }, (_, index) => hostPlan({ host: `rs${index + 1}`, changes }))

describe("planMarkdown()", () => {
  it("begins with the summary, and folds hosts that change alike", () => {
    expect(planMarkdown({ ...emptyPlan, hosts: hosts(12), unchanged: ["lb1"] }))
      .toBe(`<!-- lbctl plan -->

### Plan: 12 hosts to change (12 addresses), 1 unchanged.

<details><summary>12 hosts: rs[1-12] (real servers get ready): 1 change, risk none</summary>

\`\`\`diff
+ address 10.77.0.100/32: on lo
\`\`\`

</details>
`)
  })

  it("shows what needs a decision before the hosts, as text and no markup", () => {
    const guard = {
      guard: "vip-unconnected",
      host: "lb1",
      message: "a|b *c* <i>",
      hint: "--allow_x",
    } as const
    const text = planMarkdown({ ...emptyPlan, guards: [guard], hosts: hosts(1) })
    expect(text).toContain(
      "**Needs your word**\n\n- **lb1**: a\\|b \\*c\\* &lt;i&gt;<br>--allow\\_x\n\n<details>",
    )
  })

  it("names the greatest risk, and lets no text out of its fence", () => {
    const changes = [change({ risk: "low" }), change({ risk: "high", meaning: "```\n</details>" })]
    const text = planMarkdown({ ...emptyPlan, hosts: hosts(1, changes) })
    expect(text).toContain("2 changes, risk high")
    expect(text).toContain("\n````diff\n")
  })

  it("stays below what GitHub takes as a comment, says what is left out, and closes what it opens", () => {
    const many = fc.record({
      hosts: fc.integer({ min: 0, max: 400 }),
      changes: fc.integer({ min: 1, max: 300 }),
      length: fc.integer({ min: 1, max: 400 }),
    })
    fc.assert(
      fc.property(many, ({ hosts: count, changes, length }) => {
        const plans = hosts(count).map((plan) => ({
          ...plan,
          changes: Array.from({ length: changes }, () =>
            change({ meaning: `${plan.host} ${"x".repeat(length)}` }),
          ),
        }))
        const text = planMarkdown({ ...emptyPlan, hosts: plans })
        const shown = text.match(/<details>/g)?.length ?? 0
        expect(text.length).toBeLessThan(60_000)
        expect(text.match(/<\/details>/g)?.length ?? 0).toBe(shown)
        expect(text.includes("left out")).toBe(shown < count)
      }),
      { numRuns: 20 },
    )
  })
})

describe("planGitlab()", () => {
  it("counts changes as the widget of a merge request wants them", () => {
    const actions = ["add", "add", "edit", "run", "remove"] as const
    const changes = actions.map((action) => change({ action }))
    expect(planGitlab({ ...emptyPlan, hosts: hosts(2, changes) })).toEqual({
      create: 4,
      update: 4,
      delete: 2,
    })
  })
})
