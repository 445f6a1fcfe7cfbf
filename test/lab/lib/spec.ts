/**
 * What starts services on a node, and is its image. Only those of systemd have keepalived and may be directors; the others serve
 * HTTP on port 80 from their boot on.
 */
export const systems = ["systemd", "openrc", "sysvinit", "busybox"] as const
export type System = (typeof systems)[number]

/** What a caller may say about a node. */
export interface NodeSpec {
  /** Its host name. */
  readonly name: string
  /** In 10.77.0.0/24; known without it for `lb1`-`lb9` (.11-.19) and `rs1`-`rs99` (.21 and on). */
  readonly address?: string
  /** Mebibytes; 384 by default. */
  readonly memory?: number
  /** systemd by default. */
  readonly system?: System
}

/** A node with nothing left open. */
export interface ResolvedNode {
  readonly name: string
  readonly address: string
  readonly address6: string
  readonly memory: number
  readonly system: System
  /** Of its eth0, over all boots. */
  readonly mac: string
  /** Its port of the switch: a tap in the lab's namespace. */
  readonly tap: string
}

/** The addresses of the machines that are namespaces, not kernels. */
export const lanAddresses = {
  /** Router and controller, on the nodes' segment. */
  controller: "10.77.0.1",
  controller6: "fd77::1",
  /** The router on the client's side. */
  router: "172.31.77.1",
  router6: "fd78::1",
  client: "172.31.77.2",
  client6: "fd78::2",
} as const

/** Two directors and two real servers. */
export const defaultNodes = ["lb1", "lb2", "rs1", "rs2"] as const

/** Fills in what was left out. Throws for a bad or doubled name or address. */
export function resolveNodes(specs: readonly (string | NodeSpec)[]): ResolvedNode[] {
  const nodes = specs.map((spec, index) =>
    resolveNode(typeof spec === "string" ? { name: spec } : spec, index),
  )
  for (const key of ["name", "address"] as const) {
    const seen = new Set<string>()
    for (const node of nodes) {
      if (seen.has(node[key])) throw new Error(`two lab nodes have the ${key} ${node[key]}`)
      seen.add(node[key])
    }
  }
  return nodes
}

function resolveNode(spec: NodeSpec, index: number): ResolvedNode {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(spec.name) || spec.name === "controller") {
    throw new Error(`not a name for a lab node: ${JSON.stringify(spec.name)}`)
  }
  const address = spec.address ?? usualAddress(spec.name)
  const last = address === undefined ? undefined : /^10\.77\.0\.(\d{1,3})$/.exec(address)?.[1]
  if (address === undefined || last === undefined || Number(last) < 2 || Number(last) > 254) {
    throw new Error(`lab node ${spec.name} needs an address between 10.77.0.2 and 10.77.0.254`)
  }
  return {
    name: spec.name,
    address,
    address6: `fd77::${last}`,
    memory: spec.memory ?? 384,
    system: spec.system ?? "systemd",
    mac: `52:54:00:4d:00:${Number(last).toString(16).padStart(2, "0")}`,
    tap: `tap${index}`,
  }
}

function usualAddress(name: string): string | undefined {
  const director = /^lb([1-9])$/.exec(name)?.[1]
  if (director !== undefined) return `10.77.0.${10 + Number(director)}`
  const realServer = /^rs([1-9]\d?)$/.exec(name)?.[1]
  return realServer === undefined ? undefined : `10.77.0.${20 + Number(realServer)}`
}
