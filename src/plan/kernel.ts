import type { Bundle } from "../model/bundle.ts"
import type { Notice } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"
import type { Planned } from "./planned.ts"

/** Modules to load; a kernel that lacks one is told by `missingModules`. */
export function planModules(bundle: Bundle, observed: Observed): Planned[] {
  return bundle.modules
    .filter((name) => observed.modules[name] === "loadable")
    .map((name) => ({
      change: { kind: "module", action: "add", subject: name, meaning: "load", risk: "none" },
      operation: { op: "module", name },
    }))
}

/** Modules the kernel of this host does not have at all: nothing can be done there. */
export function missingModules(bundle: Bundle, observed: Observed): Notice[] {
  return bundle.modules
    .filter((name) => (observed.modules[name] ?? "missing") === "missing")
    .map((name) => ({
      host: observed.host,
      message: `the kernel ${observed.facts["kernel"] ?? ""} has no module ${name}`,
      hint:
        name === "ip_vs"
          ? "a director needs IPVS: install a kernel with CONFIG_IP_VS, or its linux-modules-extra package"
          : `install a kernel or modules package that has ${name}`,
    }))
}

/** Sysctls whose running value differs. */
export function planSysctls(bundle: Bundle, observed: Observed): Planned[] {
  return bundle.sysctls.flatMap(({ key, value }) => {
    const prior = observed.sysctls[key]
    if (prior !== undefined && squeeze(prior) === squeeze(value)) return []
    return [
      {
        change: {
          kind: "sysctl",
          action: "edit",
          subject: key,
          meaning: `${prior === undefined ? "(not there yet)" : squeeze(prior)} -> ${value}`,
          risk: "low",
        },
        operation: { op: "sysctl", key, value, prior: prior === undefined ? "-" : squeeze(prior) },
      },
    ]
  })
}

/** Sysctls lbctl once set and no longer wants: put back to what they were before. */
export function planSysctlRestores(bundle: Bundle, observed: Observed): Planned[] {
  const wanted = new Set(bundle.sysctls.map((sysctl) => sysctl.key))
  return observed.owned.sysctls
    .filter((key) => !wanted.has(key) && observed.sysctls[key] !== undefined)
    .map((key) => ({
      change: {
        kind: "sysctl",
        action: "remove",
        subject: key,
        meaning: "back to the value before lbctl",
        risk: "low",
      },
      operation: { op: "sysctl-restore", key, prior: squeeze(observed.sysctls[key] ?? "") },
    }))
}

/** Links (tunnel devices) to bring up. */
export function planLinks(bundle: Bundle, observed: Observed): Planned[] {
  return bundle.linksUp
    .filter((device) => observed.links.find((link) => link.name === device)?.up !== true)
    .map((device) => ({
      change: {
        kind: "link",
        action: "edit",
        subject: device,
        meaning: "down -> up",
        risk: "none",
      },
      operation: { op: "link-up", device },
    }))
}

/** Links lbctl brought up and no longer needs. */
export function planLinkRemovals(bundle: Bundle, observed: Observed): Planned[] {
  return observed.owned.linksUp
    .filter((device) => !bundle.linksUp.includes(device))
    .filter((device) => observed.links.some((link) => link.name === device && link.up))
    .map((device) => ({
      change: {
        kind: "link",
        action: "remove",
        subject: device,
        meaning: "up -> down",
        risk: "low",
      },
      operation: { op: "link-down", device },
    }))
}

function squeeze(value: string): string {
  return value.trim().split(/\s+/).join(" ")
}
