import { readFileSync } from "node:fs"
import { cruise } from "dependency-cruiser"
import { beforeAll, describe, expect, it } from "vitest"

/** Which folder of src/ may import which: the house of the design. `agent/protocol` and `agent/decide` are pure rooms of their own. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  model: ["core"],
  schema: ["core"],
  load: ["core", "schema"],
  validate: ["core", "model", "schema"],
  compile: ["core", "model", "schema"],
  render: ["core", "model"],
  plan: ["core", "model"],
  push: ["core", "model", "wire"],
  wire: ["core", "model"],
  report: ["core", "model"],
  cli: [
    "core",
    "model",
    "schema",
    "load",
    "validate",
    "compile",
    "render",
    "plan",
    "push",
    "wire",
    "report",
  ],
  "agent/protocol": ["core", "model"],
  "agent/decide": ["core", "model", "plan"],
  agent: ["core", "model", "schema", "wire", "plan", "agent/protocol", "agent/decide"],
}

/** Pure rooms reach no clock, disk, socket or process; hashing and address syntax are values in, values out. */
const pureRooms = [
  "core",
  "model",
  "schema",
  "validate",
  "compile",
  "render",
  "plan",
  "wire",
  "agent/protocol",
  "agent/decide",
]
const pureNodeModules = ["crypto", "net"]

/** The one door of each package. */
const doors: Record<string, string> = {
  ssh2: "src/push/ssh.ts",
  "js-yaml": "src/load/yaml.ts",
  handlebars: "src/render/engine.ts",
  listr2: "src/report/listr.ts",
  netlink: "src/agent/kernel/netlink.ts",
  koffi: "src/agent/kernel/libc.ts",
  diff: "src/plan/text-diff.ts",
  commander: "src/cli/program.ts",
  "age-encryption": "src/load/secrets/age.ts",
}

interface Module {
  readonly source: string
  readonly dependencies: readonly {
    readonly resolved: string
    readonly module: string
    readonly circular: boolean
    readonly coreModule: boolean
  }[]
}

function room(path: string): string {
  const parts = path.replace(/^src\//, "").split("/")
  const nested = `${parts[0]}/${parts[1]}`
  return nested in mayImport ? nested : (parts[0] ?? "")
}

describe("the house", () => {
  let modules: readonly Module[] = []

  beforeAll(async () => {
    const result = await cruise(["src"], {
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      tsConfig: { fileName: "tsconfig.json" },
      enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
    })
    if (typeof result.output === "string") throw new Error("dependency-cruiser gave text")
    modules = result.output.modules.filter((module) => module.source.startsWith("src/"))
  }, 120_000)

  it("is seen whole: a blind tool would let everything pass", () => {
    expect(modules.length).toBeGreaterThan(60)
  })

  it("has only the arrows of the design", () => {
    const wrong = modules.flatMap((module) =>
      module.dependencies
        .filter((dependency) => dependency.resolved.startsWith("src/"))
        .filter((dependency) => {
          const from = room(module.source)
          const to = room(dependency.resolved)
          return from !== to && !(mayImport[from] ?? []).includes(to)
        })
        .map((dependency) => `${module.source} -> ${dependency.resolved}`),
    )
    expect(wrong).toEqual([])
  })

  it("has no circles", () => {
    expect(
      modules.flatMap((module) =>
        module.dependencies
          .filter((dependency) => dependency.circular)
          .map((dependency) => `${module.source} -> ${dependency.resolved}`),
      ),
    ).toEqual([])
  })

  it("keeps disk, network and processes out of pure rooms", () => {
    const wrong = modules.flatMap((module) =>
      module.dependencies
        .filter((dependency) => dependency.coreModule && pureRooms.includes(room(module.source)))
        .filter((dependency) => !pureNodeModules.includes(dependency.resolved.replace("node:", "")))
        .map((dependency) => `${module.source} -> ${dependency.module}`),
    )
    expect(wrong).toEqual([])
  })

  it("lets every package in through its one door", () => {
    const wrong = modules.flatMap((module) =>
      module.dependencies
        .filter((dependency) => dependency.resolved.startsWith("node_modules/"))
        .map((dependency) => ({ from: module.source, name: packageName(dependency.resolved) }))
        .filter(({ from, name }) => doors[name] !== from)
        .map(({ from, name }) => `${from} -> ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it("names a door for every package it depends on, ajv aside, which works at build time", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
      dependencies: Record<string, string>
    }
    expect(
      Object.keys(manifest.dependencies).filter((name) => !(name in doors) && name !== "ajv"),
    ).toEqual([])
  })
})

function packageName(resolved: string): string {
  const [first = "", second = ""] = resolved.replace(/^node_modules\//, "").split("/")
  const name = first === "@types" ? second : first
  return first.startsWith("@") && first !== "@types" ? `${first}/${second}` : name
}
