import { describe, expect, it } from "vitest"
import { canonicalJson, sha256 } from "../../src/core/digest.ts"
import { observedPrint, stepPrint } from "../../src/plan/fingerprint.ts"
import { planFileRemovals, planFiles } from "../../src/plan/files.ts"
import { handlerOperations } from "../../src/plan/handlers.ts"
import { manifestText, parseOwned } from "../../src/wire/manifest.ts"
import { observeRequest } from "../../src/wire/observe-request.ts"
import { bundle, observed } from "./fixtures.ts"

const usual = { path: "/etc/x.conf", mode: "0600", owner: "root:root", notify: [] }
const file = { ...usual, content: "p=hunter2\n", secret: true as const }
const held = {
  sha256: sha256("p=hunter1\n"),
  mode: "0600",
  owner: "root:root",
  content: "p=hunter1\n",
}

function owned(secrets: readonly string[]) {
  return { files: ["/etc/x.conf"], secrets, sysctls: [], addresses: [], units: [], linksUp: [] }
}

describe("the plan of a file that holds secrets", () => {
  it("tells that it is new, and no content", () => {
    const [planned] = planFiles(bundle({ files: [file] }), observed())
    expect(planned?.change.meaning).toMatch(/^new, \(content hidden: holds secrets\) [0-9a-f]{6}$/)
    expect(JSON.stringify(planned?.change)).not.toMatch(/hunter|before|after/)
  })

  it("tells that it changes, by names that are no hashes of its content", () => {
    const now = observed({ files: { "/etc/x.conf": held }, owned: owned(["/etc/x.conf"]) })
    const text = JSON.stringify(
      planFiles(bundle({ files: [file] }), now).map(({ change }) => change),
    )
    expect(text).toMatch(/\(content hidden: holds secrets\) [0-9a-f]{6} -> [0-9a-f]{6}"/)
    expect(text).not.toContain("hunter")
    expect(text).not.toContain(sha256(file.content).slice(0, 6))
  })

  it.each([
    [
      "that holds none any more",
      () => planFiles(bundle({ files: [{ ...usual, content: "none\n" }] }), now()),
    ],
    ["that goes", () => planFileRemovals(bundle(), now())],
  ])("hides what is on the host of one %s", (_what, plan) => {
    expect(plan()).toHaveLength(1)
    expect(JSON.stringify(plan())).not.toContain("hunter")
  })

  function now() {
    return observed({ files: { "/etc/x.conf": held }, owned: owned(["/etc/x.conf"]) })
  }

  it("does not ask for its content, and the release remembers that it is secret", () => {
    expect(observeRequest(bundle({ files: [file] })).files).toEqual([
      { path: "/etc/x.conf", sha256: "-" },
    ])
    const manifest = manifestText(bundle(), owned(["/etc/x.conf"]))
    for (const text of [manifestText(bundle({ files: [file] })), manifest]) {
      const lines = text
        .trim()
        .split("\n")
        .map((line) => line.replace(/^own /, ""))
      expect(parseOwned(lines)).toMatchObject({ ok: true, value: { secrets: ["/etc/x.conf"] } })
    }
  })

  it("leaves no hash of a content in what a saved plan keeps", () => {
    const now = observed({ files: { "/etc/x.conf": held }, owned: owned(["/etc/x.conf"]) })
    const [planned] = planFiles(bundle({ files: [file] }), now)
    const operations = planned?.operation === undefined ? [] : [planned.operation]
    const step = { host: "rs1", phase: "gain", release: "r", changes: [], gainedVips: [] } as const
    const rest = { dependsOn: [], awaitDrained: [], directors: [], retains: owned([]) }
    const digest = (list: readonly object[]) =>
      sha256(canonicalJson({ ...step, ...rest, operations: list }))
    expect(stepPrint({ ...step, ...rest, operations })).not.toBe(digest(operations))
    expect(stepPrint({ ...step, ...rest, operations: [] })).toBe(digest([]))
    const bare = sha256(canonicalJson({ "/etc/x.conf": [held.sha256, held.mode, held.owner] }))
    expect(observedPrint(now)["files"]).not.toBe(bare)
    expect(observedPrint({ ...now, owned: owned([]) })["files"]).toBe(bare)
    expect(operations).toHaveLength(1)
  })

  it("keeps its handlers quiet, whose words may quote it", () => {
    const handlers = [
      { name: "a", run: ["/bin/a"], await: { run: ["/bin/w"], timeoutSeconds: 1 } },
      { name: "b", run: ["/bin/b"] },
    ]
    const files = [
      { ...file, notify: ["a"] },
      { ...usual, path: "/etc/y", content: "", notify: ["b"] },
    ]
    const causes = { changed: ["/etc/x.conf", "/etc/y"], first: [], started: [] }
    expect(handlerOperations(bundle({ files, handlers }), causes)).toMatchObject([
      { op: "run", name: "a", quiet: true },
      { op: "await", name: "a", quiet: true },
      { op: "run", name: "b" },
    ])
  })
})
