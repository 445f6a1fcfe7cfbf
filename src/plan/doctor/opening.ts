import { ipProtocols } from "../../core/ip-protocols.ts"
import type { FilterChain } from "../../model/packet-filter.ts"
import type { Packet } from "./packet.ts"

/** Names of protocols with ports; others go by their numbers. */
const portProtocols: ReadonlyMap<number, string> = new Map([
  [ipProtocols.tcp, "tcp"],
  [ipProtocols.udp, "udp"],
  [ipProtocols.sctp, "sctp"],
])

/** The command that lets a packet through the chain that drops it. */
export function opening({ tool, table, name }: FilterChain, packet: Packet): string {
  if (tool === "nft" && table.endsWith(" firewalld")) return firewalldWords(packet)
  if (tool === "nft") return `nft insert rule ${table} ${name} ${nftWords(packet)} accept`
  const where = table === "filter" ? "" : `-t ${table} `
  return `${tool} ${where}-I ${name} ${iptablesWords(packet)} -j ACCEPT`
}

function iptablesWords({ protocol, source, destination, port }: Packet): string {
  const named = portProtocols.get(protocol)
  return [
    `-p ${named ?? protocol}`,
    ...(source === undefined ? [] : [`-s ${source}`]),
    ...(destination === undefined ? [] : [`-d ${destination}`]),
    ...(named === undefined || port === undefined ? [] : [`--dport ${port}`]),
  ].join(" ")
}

function nftWords({ family, protocol, source, destination, port }: Packet): string {
  const [named, header] = [portProtocols.get(protocol), family === 6 ? "ip6" : "ip"]
  return [
    ...(source === undefined ? [] : [`${header} saddr ${source}`]),
    ...(destination === undefined ? [] : [`${header} daddr ${destination}`]),
    named === undefined || port === undefined
      ? `meta l4proto ${named ?? protocol}`
      : `${named} dport ${port}`,
  ].join(" ")
}

function firewalldWords({ protocol, port }: Packet): string {
  const named = portProtocols.get(protocol)
  const what =
    named === undefined || port === undefined
      ? `--add-protocol=${named ?? protocol}`
      : `--add-port=${port}/${named}`
  return `firewall-cmd --permanent ${what} && firewall-cmd --reload`
}
