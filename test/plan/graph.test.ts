import { describe, expect, it } from "vitest"
import { fleetGraph } from "../../src/plan/graph.ts"
import { dotText, mermaidText } from "../../src/plan/graph-text.ts"
import { fleetOf } from "../compile/fixtures.ts"

const { fleet } = fleetOf({
  services: `services:
  web:
    cluster: tokyo
    vip: 192.0.2.10
    ports: [80, 443/tcp]
    sorry_server: 192.0.2.99:80
  dns:
    cluster: tokyo
    vip: 192.0.2.53
    ports: [53/udp]
    fwmark: 5
    backends: { hosts: { rs1: { weight: 3 } } }
`,
})
const everyone = new Set(fleet.hosts.map(({ name }) => name))

describe("fleetGraph()", () => {
  it("leads from directors by their cluster and its services to real servers", () => {
    expect(mermaidText(fleetGraph(fleet, everyone))).toBe(`\
flowchart LR
  n1(["lb1"])
  n2(["lb2"])
  n3{{"tokyo<br>VRID 51"}}
  n4["dns<br>192.0.2.53<br>53/udp<br>fwmark 5<br>wlc"]
  n5["web<br>192.0.2.10<br>80/tcp 443/tcp<br>wlc"]
  n6("rs1")
  n7("rs2<br>rs3")
  n8[/"192.0.2.99:80"/]
  n1 -->|"priority 150"| n3
  n2 -->|"priority 140"| n3
  n3 --> n4
  n3 --> n5
  n4 -->|"dr, weight 3"| n6
  n5 -->|"dr, weight 1"| n6
  n4 -->|"dr, weight 1"| n7
  n5 -->|"dr, weight 1"| n7
  n5 -.->|"sorry server"| n8`)
  })

  it("draws real servers that serve alike as one box", () => {
    const services = fleet.services.filter(({ name }) => name === "web")
    const graph = fleetGraph({ ...fleet, services }, everyone)
    expect(graph.nodes.filter(({ kind }) => kind === "real-server")).toEqual([
      { id: "real-server rs[1-3]", kind: "real-server", lines: ["rs[1-3]"] },
    ])
  })

  it("keeps to what some hosts have a part in", () => {
    const names = (...hosts: string[]) =>
      fleetGraph(fleet, new Set(hosts)).nodes.map(({ id }) => id)
    expect(names("rs2")).toEqual([
      "director lb1",
      "director lb2",
      "cluster tokyo",
      "service dns",
      "service web",
      "real-server rs2",
      "sorry-server 192.0.2.99:80",
    ])
    expect(names("lb1")).toContain("real-server rs2 rs3")
    expect(names("elsewhere")).toEqual([])
  })
})

describe("a graph's text", () => {
  const odd = {
    nodes: [{ id: 'a "b"', kind: "service", lines: ['say "x"', "<\\>"] }],
    edges: [{ from: 'a "b"', to: 'a "b"', label: "50%", spare: true }],
  } as const

  it("escapes what Mermaid would read as its own", () => {
    expect(mermaidText(odd)).toBe(`\
flowchart LR
  n1["say #34;x#34;<br>#60;\\#62;"]
  n1 -.->|"50%"| n1`)
  })

  it("escapes what DOT would read as its own", () => {
    expect(dotText(odd)).toBe(`\
digraph fleet {
  rankdir=LR
  "a \\"b\\"" [shape=box, label="say \\"x\\"\\n<\\\\>"]
  "a \\"b\\"" -> "a \\"b\\"" [label="50%", style=dashed]
}`)
  })
})
