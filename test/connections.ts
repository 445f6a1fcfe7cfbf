import type { Connection } from "../src/model/fleet.ts"

/** A connection of which nothing is said but where it goes. */
export function connectionTo(address: string, port: number): Connection {
  return {
    address,
    port,
    identitiesOnly: false,
    hostKeyChecking: "strict",
    transport: "builtin",
    sshArguments: [],
  }
}
