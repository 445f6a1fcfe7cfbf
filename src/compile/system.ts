import type { Problem } from "../core/problem.ts"
import type { HostView } from "../model/desired.ts"
import { inits, isFreeBsd, isInit, isLoopback, type System } from "../model/system.ts"
import type { InventoryHost } from "../schema/documents.ts"

/** What the inventory says of a host's system, which goes before what the host says itself. Problems: host-system. */
export function givenSystem(source: InventoryHost): {
  readonly system: Partial<System>
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const read = <T extends string>(
    name: string,
    known: (word: string) => word is T,
    hint: string,
  ): T | undefined => {
    if (!Object.hasOwn(source.vars, name)) return undefined
    const value = source.vars[name]
    if (typeof value === "string" && known(value)) return value
    problems.push({
      rule: "host-system",
      message: `${name} of ${source.name} is ${JSON.stringify(value)}, which lbctl does not know`,
      at: source.varAt[name] ?? source.at,
      hint,
    })
    return undefined
  }
  const init = read("lbctl_init", isInit, `write one of ${inits.join(", ")}, or leave it out`)
  const loopback = read(
    "lbctl_loopback",
    isLoopback,
    "write kernel, ifupdown, networkmanager, or the .network file of systemd-networkd that matches lo; or leave it out",
  )
  const system = {
    ...(init === undefined ? {} : { init }),
    ...(loopback === undefined ? {} : { loopback }),
  }
  return { system, problems }
}

/** The same view of a host of this system: VIPs of the loopback stand on the device that is the loopback there. */
export function viewOn(view: HostView, system: System): HostView {
  const { realserver } = view
  if (realserver === undefined) return { ...view, system }
  const loopback = isFreeBsd(system) ? "lo0" : "lo"
  const vips = realserver.vips.map((vip) =>
    ["lo", "lo0"].includes(vip.device) ? { ...vip, device: loopback } : vip,
  )
  return { ...view, system, realserver: { ...realserver, vips } }
}
