import { isFreeBsd, type Init, type System } from "../model/system.ts"

/** What the host runs and what starts services there, in a form that `when` can ask for. */
export interface TemplateSystem {
  readonly linux: boolean
  readonly freebsd: boolean
  readonly init: Init
  readonly systemd: boolean
  readonly openrc: boolean
  /** Scripts of /etc/init.d that take start, stop and status: sysvinit, and BusyBox's init. */
  readonly sysvinit: boolean
}

/** A host's system in the form that templates see. */
export function systemView(system: System): TemplateSystem {
  const { init } = system
  return {
    linux: !isFreeBsd(system),
    freebsd: isFreeBsd(system),
    init,
    systemd: init === "systemd",
    openrc: init === "openrc",
    sysvinit: init === "sysvinit" || init === "busybox",
  }
}
