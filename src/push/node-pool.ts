import { Failure } from "../core/failure.ts"
import type { Connection } from "../model/fleet.ts"
import type { Connector } from "./connector.ts"
import type { Node } from "./node.ts"
import type { Open } from "./session.ts"
import { openNode, type NodeScripts } from "./ssh-node.ts"
import type { Tracing } from "./trace.ts"
import { tracedOpen } from "./traced-open.ts"

/** The nodes of a run; each keeps its connection from its first step to the end. */
export interface NodePool {
  /** @throws Failure `input` for a host that the inventory does not have. */
  node(host: string): Node
  /** Ends all connections. */
  close(): void
}

/** Nodes reached over SSH; nothing is connected before it is needed. `tracing` follows connections and conversations. */
export function openNodePool(
  connector: Connector,
  connections: ReadonlyMap<string, Connection>,
  scripts: NodeScripts,
  tracing?: Tracing,
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
      const open: Open = (once) => connector.connect(connection, { once })
      const traced = tracing === undefined ? open : tracedOpen(open, host, connection, tracing)
      const node = openNode(host, traced, scripts, tracing)
      nodes.set(host, node)
      return node
    },
    close() {
      for (const node of nodes.values()) node.close()
      connector.close()
    },
  }
}
