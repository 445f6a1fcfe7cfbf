import { family } from "../core/address.ts"

/** Schema format `ip`: an IPv4 or IPv6 address without zone or prefix. */
export function ip(text: string): boolean {
  return family(text) !== undefined
}

/** Schema format `endpoint`: `192.0.2.99:80` or `[2001:db8::99]:80`. */
export function endpoint(text: string): boolean {
  return parseEndpoint(text) !== undefined
}

/** Address and port of an endpoint; undefined for anything else. IPv6 stands in brackets (RFC 3986 section 3.2.2). */
export function parseEndpoint(text: string): { address: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const address = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (address === undefined || port < 1 || port > 65535) return undefined
  return family(address) === (match?.[1] === undefined ? 4 : 6) ? { address, port } : undefined
}
