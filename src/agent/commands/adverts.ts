import { hearAdverts } from "../kernel/vrrp-listener.ts"
import { print } from "./output.ts"
import { badUsage } from "./words.ts"

/** Three adverts of the usual second, and a half for the machine. */
const listenMs = 3500

/** Prints who else speaks VRRP on an interface: `[{"source", "virtualRouterId", "priority"}]`. */
export async function adverts([networkInterface]: readonly string[]): Promise<number> {
  if (networkInterface === undefined) throw badUsage("an interface is needed", "adverts INTERFACE")
  print(JSON.stringify(await hearAdverts(networkInterface, listenMs)))
  return 0
}
