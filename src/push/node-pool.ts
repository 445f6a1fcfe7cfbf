import { Failure } from "../core/failure.ts"
import type { Connection } from "../model/fleet.ts"
import type { Connector } from "./connector.ts"
import type { Node } from "./node.ts"
import { openNode } from "./ssh-node.ts"

/** The nodes of a run; each keeps its connection from its first step to the end. */
export interface NodePool {
  /** @throws Failure `input` for a host that the inventory does not have. */
  node(host: string): Node
  /** Ends all connections. */
  close(): void
}

/** Nodes reached over SSH; nothing is connected before it is needed. */
export function openNodePool(
  connector: Connector,
  connections: ReadonlyMap<string, Connection>,
  script: string,
): NodePool {
  const nodes = new Map<string, Node>()
  return {
    node(host) {
      const known = nodes.get(host)
      if (known !== undefined) return known
      const connection = connections.get(host)
      if (connection === undefined) {
        throw new Failure("input", `the inventory has no host ${host}`, { host })
      }
      const node = openNode(host, (once) => connector.connect(connection, { once }), script)
      nodes.set(host, node)
      return node
    },
    close() {
      for (const node of nodes.values()) node.close()
      connector.close()
    },
  }
}
