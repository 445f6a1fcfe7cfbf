import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { compileFleet } from "../../src/compile/fleet.ts"
import { starterFiles } from "../../src/compile/starter.ts"
import { loadDocuments } from "../../src/load/documents.ts"
import { validateFleet } from "../../src/validate/fleet.ts"

const folder = mkdtempSync(join(tmpdir(), "lbctl-starter-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe("the starter files", () => {
  it("validate as they stand, and with every commented line in force", async () => {
    for (const uncommented of [false, true]) {
      for (const { path, content } of starterFiles("../schemas")) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        const text = uncommented
          ? content.replace(/^( +)# ( *[a-z0-9_]+:( .*)?)$/gm, "$1$2")
          : content
        writeFileSync(join(folder, path), text)
      }
      const packageFolder = join(import.meta.dirname, "../..")
      const documents = await loadDocuments([folder], { packageFolder })
      expect(documents).toMatchObject({ ok: true })
      if (!documents.ok) return
      const { fleet, problems } = compileFleet(documents.value)
      expect([...problems, ...validateFleet(fleet, documents.value)]).toEqual([])
      expect(fleet.services.map(({ name }) => name)).toEqual(["web"])
    }
  })

  it("tell editors where the schemas are", () => {
    const [, clusters, web] = starterFiles("/usr/share/lbctl/schemas")
    expect(clusters?.content).toMatch(
      /^# yaml-language-server: \$schema=\/usr\/share\/lbctl\/schemas\/clusters.schema.json\n/,
    )
    expect(web?.content).toContain("services.schema.json")
  })
})
