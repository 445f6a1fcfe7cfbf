import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import { Failure } from "../../core/failure.ts"
import type { ConnectionList, IpvsConnection } from "../../model/ipvs-connection.ts"
import { parseConnection } from "../protocol/connection-line.ts"
import { print } from "./output.ts"
import { badUsage, readWords } from "./words.ts"

const usage = "connections [--vip V] [--server S] [--client C] [--limit N]"
/** A table of a million entries is read through and counted, not sent. */
const mostListed = 10_000

/** Prints the entries of the kernel's connection table whose ends begin with what is asked for, as JSON on one line. */
export async function connections(words: readonly string[]): Promise<number> {
  const { plain, option } = readWords(words, ["vip", "server", "client", "limit"], usage)
  if (plain.length > 0) throw badUsage(`${plain[0]} is not known`, usage)
  const limit = Number(option("limit") ?? "100")
  if (!Number.isInteger(limit) || limit < 0 || limit > mostListed)
    throw badUsage(`--limit is a number from 0 to ${mostListed}`, usage)
  const begins = { vip: option("vip"), server: option("server"), client: option("client") }
  print(JSON.stringify(await list("/proc/net/ip_vs_conn", begins, limit)))
  return 0
}

async function list(
  path: string,
  begins: Readonly<Record<"vip" | "server" | "client", string | undefined>>,
  limit: number,
): Promise<ConnectionList> {
  const found: IpvsConnection[] = []
  let matching = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const entry = parseConnection(line)
      if (entry === undefined || !matches(entry, begins)) continue
      matching++
      if (found.length < limit) found.push(entry)
    }
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Failure("failed", `the connection table cannot be read: ${cause}`)
  }
  return { connections: found, matching }
}

function matches(
  entry: IpvsConnection,
  begins: Readonly<Record<"vip" | "server" | "client", string | undefined>>,
): boolean {
  return (["vip", "server", "client"] as const).every((end) =>
    entry[end].startsWith(begins[end] ?? ""),
  )
}
