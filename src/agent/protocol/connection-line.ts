import { canonicalAddress, formatAddress, formatEndpoint } from "../../core/address.ts"
import type { IpvsConnection } from "../../model/ipvs-connection.ts"

/**
 * A line of /proc/net/ip_vs_conn (ip_vs_conn_seq_show, net/netfilter/ipvs/ip_vs_conn.c): protocol, three pairs of address and
 * port in hex, state, seconds until it expires. IPv6 addresses stand there in full. Undefined for the heading and what is no entry.
 */
export function parseConnection(line: string): IpvsConnection | undefined {
  const words = line.trim().split(/\s+/)
  const [protocol, client, clientPort, vip, vipPort, server, serverPort, state, expires] = words
  if (protocol === undefined || state === undefined || !/^\d+$/.test(expires ?? ""))
    return undefined
  const ends = [endpoint(client, clientPort), endpoint(vip, vipPort), endpoint(server, serverPort)]
  const [from, to, by] = ends
  if (from === undefined || to === undefined || by === undefined) return undefined
  return { protocol, client: from, vip: to, server: by, state, expiresSeconds: Number(expires) }
}

function endpoint(address = "", port = ""): string | undefined {
  if (!/^[0-9A-F]{4}$/.test(port)) return undefined
  if (/^[0-9A-F]{8}$/.test(address)) {
    const bytes = Uint8Array.from(address.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    return formatEndpoint(formatAddress(bytes), Number.parseInt(port, 16))
  }
  if (!/^[0-9a-f]{4}(:[0-9a-f]{4}){7}$/i.test(address)) return undefined
  return formatEndpoint(canonicalAddress(address), Number.parseInt(port, 16))
}
