import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { helpers } from "../../src/render/helpers.ts"
import { templateView } from "../../src/render/view.ts"
import { directorView, realserverView, service, vrrp } from "./fixtures.ts"

const text = readFileSync("docs/templates.md", "utf8")

/** Every name of a value, those of user variables aside. */
function names(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return []
  if (Array.isArray(value)) return value.flatMap(names)
  return Object.entries(value).flatMap(([name, part]) => [name, ...names(part)])
}

describe("docs/templates.md", () => {
  it("names every part of the view", () => {
    const [server] = service().servers
    const full = service({
      check: {
        type: "http",
        path: "/",
        host: "h",
        status: [200],
        intervalMs: 1,
        timeoutMs: 1,
        retries: 1,
        delayBeforeRetryMs: 1,
        rise: 1,
        port: 1,
        via: "vip",
      },
      persistence: { timeoutSeconds: 1, prefixLength: 32, engine: "sip" },
      sorryServer: { address: "192.0.2.9", port: 80, forwarding: "dr" },
      servers: server === undefined ? [] : [{ ...server, tunnel: { type: "gue", port: 6080 } }],
    })
    const director = directorView([vrrp()], [full])
    const both = {
      ...director,
      realserver: realserverView({ tunnels: ["ipip"], gueSockets: [{ port: 5555, family: 4 }] })
        .realserver,
    }
    const sync = [{ instance: "tokyo", interface: "eth1", id: 51, group: "224.0.0.82" }]
    const view = templateView({
      ...both,
      ...(director.director && { director: { ...director.director, connectionSync: sync } }),
    } as Parameters<typeof templateView>[0])
    const missing = names(view).filter((name) => !text.includes(`\`${name}\``))
    expect([...new Set(missing)]).toEqual([])
  })

  it("explains every helper", () => {
    expect(Object.keys(helpers).filter((name) => !new RegExp(`[{(]${name} `).test(text))).toEqual(
      [],
    )
  })
})
