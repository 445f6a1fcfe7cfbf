import type { Vlan } from "../../model/agent-status.ts"
import { readText } from "../store/files.ts"

/** VLAN interfaces of this host, as the kernel's 8021q module tells them in /proc/net/vlan/config; none where it is not loaded. */
export function localVlans(): readonly Vlan[] {
  return parseVlans(readText("/proc/net/vlan/config") ?? "")
}

/** `eth0.100 | 100 | eth0` in each line after two of headings (vlan_seq_show, net/8021q/vlanproc.c). */
export function parseVlans(text: string): readonly Vlan[] {
  return text.split("\n").flatMap((line): Vlan[] => {
    const [device, id, parent] = line.split("|").map((word) => word.trim())
    if (device === undefined || parent === undefined || !/^\d+$/.test(id ?? "")) return []
    return [{ id: Number(id), device, parent }]
  })
}
