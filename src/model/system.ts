/** What starts services on a host. `busybox`: BusyBox's init with a rcS that runs /etc/init.d/S??*, as Buildroot's; `rc`: FreeBSD's. */
export const inits = ["systemd", "openrc", "sysvinit", "busybox", "rc"] as const
export type Init = (typeof inits)[number]

/**
 * Who configures the loopback besides the kernel, and may take from it what others added there. systemd-networkd is named by
 * the file of its that matches `lo`, such as `50-lo.network` (systemd.network(5)).
 */
export type Loopback = "kernel" | "ifupdown" | "networkmanager" | `${string}.network`

const owners: readonly string[] = ["kernel", "ifupdown", "networkmanager"]

/** Whether a word names who configures the loopback. */
export function isLoopback(word: string): word is Loopback {
  return owners.includes(word) || /^[\w.@:+-]+\.network$/.test(word)
}

/** Whether a word names an init. */
export function isInit(word: string): word is Init {
  return inits.some((init) => init === word)
}

/** How what is set up on a host comes back at its next boot. */
export interface System {
  readonly init: Init
  readonly loopback: Loopback
}

/** What a host is taken for that neither was looked at nor says. */
export const usualSystem: System = { init: "systemd", loopback: "kernel" }

/** Whether a host runs FreeBSD, which has another loopback, other switches and no IPVS; else it runs Linux. */
export function isFreeBsd({ init }: Partial<System>): boolean {
  return init === "rc"
}

/** Whether a host of the one is set up as a host of the other is. */
export function isSameSystem(one: System, other: System): boolean {
  return one.init === other.init && one.loopback === other.loopback
}

/** What a host says of itself (`fact init`, `fact loopback`), where lbctl knows it. */
export function systemOf(facts: Readonly<Record<string, string>>): Partial<System> {
  const { init = "", loopback = "" } = facts
  return {
    ...(isInit(init) ? { init } : {}),
    ...(isLoopback(loopback) ? { loopback } : {}),
  }
}

/** What a host may run that is to be set up by a script, by hand. */
export const scriptSystems = ["linux", "freebsd", "windows"] as const
export type ScriptSystem = (typeof scriptSystems)[number]
