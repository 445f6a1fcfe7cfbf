import type { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"

/**
 * Waits until a backup director knows every connection the client holds to a VIP, of which there must be `count`. IPVS tells
 * of a connection at its third packet, and again every fifty packets should that message get lost (net.ipv4.vs.sync_threshold
 * "3 50", ip_vs_sync.c): for connections asked once a second that is within half a minute.
 */
export async function untilTold(
  lab: Lab,
  backup: LabNode,
  vip: string,
  count: number,
): Promise<void> {
  let told = ""
  await until(
    `${backup.name} knows ${count} connections`,
    { timeout: 90_000, interval: 500, detail: () => told },
    async () => {
      const clients = await openTo(lab, vip)
      told = await backup.must("ipvsadm -Lcn")
      const known = told.split("\n").filter((line) => line.includes("ESTABLISHED"))
      return (
        clients.length === count &&
        clients.every((client) => known.some((line) => line.includes(` ${client} `)))
      )
    },
  )
}

/** The client's ends of the connections it has open to an address, as ss(8) writes them. */
async function openTo(lab: Lab, address: string): Promise<string[]> {
  const said = await lab.client.must(["ss", "-Htn", "state", "established", "dst", address])
  return said
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[2] ?? "")
    .filter((client) => client !== "")
}
