import { Failure } from "../../core/failure.ts"
import { family } from "../../core/address.ts"
import { probeNeighbours } from "../kernel/arp-probe.ts"
import { print } from "./output.ts"
import { badUsage } from "./words.ts"

const timeoutMs = 1000

/** Prints who else answers for addresses on an interface: `[{"address", "macs"}]`. */
export async function arp([networkInterface, ...addresses]: readonly string[]): Promise<number> {
  if (networkInterface === undefined || addresses.length === 0)
    throw badUsage("an interface and an address are needed", "arp INTERFACE ADDRESS...")
  const wrong = addresses.find((address) => family(address) === undefined)
  if (wrong !== undefined) throw new Failure("input", `${wrong} is no IP address`)
  print(JSON.stringify(await probeNeighbours(networkInterface, addresses, { timeoutMs })))
  return 0
}
