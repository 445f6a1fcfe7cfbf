import type { IpvsTable } from "../../model/ipvs.ts"
import { destinationName, serviceName } from "../../model/ipvs.ts"
import { openIpvs } from "../kernel/ipvs.ts"
import { pollUntilNone } from "./poll.ts"
import { badUsage, readSeconds, readWords } from "./words.ts"

const usage = "drained --timeout SECONDS (SERVICE SERVER)..."

interface Pair {
  readonly service: string
  readonly server: string
}

/**
 * Waits until real servers are out of the kernel; names those that are not when the time is over. Asks the kernel itself:
 * a daemon that cannot read it must not look like one whose servers are gone.
 */
export async function drained(words: readonly string[]): Promise<number> {
  const { plain, option } = readWords(words, ["timeout"], usage)
  const timeoutMs = readSeconds(option("timeout"), usage)
  const pairs = readPairs(plain)
  const kernel = openIpvs()
  const left = await pollUntilNone(async () => {
    const { table } = kernel.dump()
    return pairs.filter((pair) => isHeld(pair, table))
  }, timeoutMs)
  kernel.close()
  for (const { service, server } of left)
    process.stderr.write(`lbagent: ${service} still has real server ${server}\n`)
  return left.length === 0 ? 0 : 1
}

function readPairs(plain: readonly string[]): Pair[] {
  const pairs: Pair[] = []
  for (let index = 0; index < plain.length; index += 2) {
    const [service, server] = [plain[index], plain[index + 1]]
    if (service === undefined || server === undefined)
      throw badUsage("each SERVICE needs its SERVER", usage)
    pairs.push({ service, server })
  }
  return pairs
}

function isHeld({ service, server }: Pair, table: IpvsTable): boolean {
  return table.some(
    ({ key, destinations }) =>
      serviceName(key) === service &&
      destinations.some((destination) => destinationName(destination) === server),
  )
}
