import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parseDuration } from "../../src/core/duration.ts"
import { checkDefaults, clusterDefaults, serviceDefaults } from "../../src/compile/defaults.ts"
import { schedulerFlags, schedulers } from "../../src/model/ipvs.ts"

const root = join(import.meta.dirname, "../..")
const folder = join(root, "src/schema")
const names = readdirSync(folder).filter((name) => name.endsWith(".schema.json"))
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"))

type Node = Readonly<Record<string, unknown>>

function* nodes(value: unknown, path = "#"): Generator<[string, Node]> {
  if (typeof value !== "object" || value === null) return
  yield [path, value as Node]
  for (const [key, item] of Object.entries(value)) yield* nodes(item, `${path}/${key}`)
}

describe("generated files", () => {
  it("are what the schemas say now", () => {
    execFileSync(process.execPath, [join(root, "scripts/generate.mjs"), "--check"])
  })
})

describe.each(names)("%s", (name) => {
  const all = [...nodes(read(name))]

  it("describes every key in whole sentences", () => {
    const keys = all.filter(([path]) => /\/properties\/[^/]+$/.test(path))
    const bare = keys.filter(([, node]) => {
      const described = node["description"] ?? described$ref(all, node)
      return typeof described !== "string" || !/^[A-Z].*\.$/.test(described)
    })
    expect(bare.map(([path]) => path)).toEqual([])
  })

  it("refuses unknown keys in every object of fixed form", () => {
    const open = all.filter(
      ([, node]) => "properties" in node && node["additionalProperties"] === undefined,
    )
    expect(open.map(([path]) => path)).toEqual([])
  })
})

describe("services.schema.json", () => {
  const at = (name: string, path: string): Node => {
    const found = [...nodes(read(name))].find(([each]) => each === path)
    if (found === undefined) throw new Error(`no ${path} in ${name}`)
    return found[1]
  }
  const service = (path: string) => at("services.schema.json", `#/$defs/${path}`)
  const vrrp = (key: string) => at("clusters.schema.json", `#/$defs/vrrp/properties/${key}`)
  const ms = (node: Node) => parseDuration(String(node["default"]))

  it("has the kernel's schedulers and flags", () => {
    expect(service("service/properties/scheduler")["enum"]).toEqual(schedulers)
    expect(service("service/properties/flags/items")["enum"]).toEqual(schedulerFlags)
  })

  it("states the defaults that compile gives", () => {
    expect({
      scheduler: service("service/properties/scheduler")["default"],
      prefix4: service("service/properties/persistence/properties/prefix4")["default"],
      prefix6: service("service/properties/persistence/properties/prefix6")["default"],
      weight: service("backends/properties/weight")["default"],
      upperThreshold: service("backends/properties/upper_threshold")["default"],
      lowerThreshold: service("backends/properties/lower_threshold")["default"],
      quorumUp: service("service/properties/quorum/properties/up")["default"],
      hysteresis: service("service/properties/quorum/properties/hysteresis")["default"],
      watermarkLow: service("service/properties/watermark/properties/low")["default"],
      drainTimeoutMs: ms(service("service/properties/drain_timeout")),
    }).toEqual(serviceDefaults)
    expect({
      intervalMs: ms(service("check_interval")),
      timeoutMs: ms(service("check_timeout")),
      retries: service("check_retries")["default"],
      delayBeforeRetryMs: ms(service("check_delay_before_retry")),
      rise: service("check_rise")["default"],
      method: service("http_method")["default"],
      path: service("http_path")["default"],
      status: service("http_status")["default"],
      requireReply: service("udp_check/properties/require_reply")["default"],
      name: service("dns_check/properties/name")["default"],
      record: service("dns_check/properties/record")["default"],
      rcode: service("dns_check/properties/rcode")["default"],
      transport: service("dns_check/properties/transport")["default"],
      loginAnswer: service("radius_check/properties/answer")["default"],
      user: service("external_check/properties/user")["default"],
    }).toEqual(checkDefaults)
    expect({
      forwarding: at("clusters.schema.json", "#/$defs/cluster/properties/forwarding")["default"],
      ipvs: at("clusters.schema.json", "#/$defs/cluster/properties/ipvs")["default"],
      advertIntervalMs: ms(vrrp("advert_int")),
      preempt: vrrp("preempt")["default"],
      driver: vrrp("driver")["default"],
      unicast: vrrp("unicast")["default"],
      garpRefreshMs: ms(vrrp("garp_master_refresh")),
    }).toEqual(clusterDefaults)
  })
})

function described$ref(all: readonly [string, Node][], node: Node): unknown {
  return all.find(([path]) => path === node["$ref"])?.[1]["description"]
}
