import { toFailure } from "../core/failure.ts"
import type { Connection } from "../model/fleet.ts"
import type { Route } from "../model/trace.ts"
import type { Open } from "./session.ts"
import { hopNames } from "./target.ts"
import type { Tracing } from "./trace.ts"

/** The same way to connect, telling of each connection where it leads, and how long it took. */
export function tracedOpen(
  open: Open,
  host: string,
  connection: Connection,
  { trace, clock, user }: Tracing,
): Open {
  const route = routeOf(connection, user)
  return async (once) => {
    const began = clock()
    const passed = () => Math.round(clock() - began)
    trace(host, { type: "connecting", route })
    try {
      const transport = await open(once)
      trace(host, { type: "connected", route, ms: passed() })
      return transport
    } catch (thrown) {
      const { message } = toFailure(thrown)
      trace(host, { type: "unconnected", route, ms: passed(), message })
      throw thrown
    }
  }
}

/** A ProxyCommand may hold a token, so only that there is one is told. */
function routeOf(connection: Connection, defaultUser: string): Route {
  const { address, port, transport, proxyCommand, become, user = defaultUser } = connection
  return {
    user,
    address,
    port,
    via: hopNames(connection),
    proxyCommand: proxyCommand !== undefined,
    transport,
    ...(become === undefined || user === "root" ? {} : { become: become.method }),
  }
}
