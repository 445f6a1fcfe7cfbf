import { hostViews } from "../../compile/views.ts"
import { Failure } from "../../core/failure.ts"
import { suggestion } from "../../core/suggestion.ts"
import type { HostView } from "../../model/desired.ts"
import type { Fleet, Host } from "../../model/fleet.ts"
import { isFreeBsd, usualSystem, type ScriptSystem } from "../../model/system.ts"
import { setUpScript, unscriptable } from "../../render/set-up-script.ts"
import { exitCodes } from "../exit.ts"
import type { Inventories } from "../inventories.ts"
import type { KeyFlags } from "../keys.ts"
import { print } from "../output.ts"
import { readDefinition } from "../pipeline.ts"
import { refuse } from "../problems.ts"

/** Options of script. */
export interface ScriptFlags extends KeyFlags {
  readonly system?: ScriptSystem
}

/** `lbctl realserver script HOST`: what sets a real server up by hand; no host is contacted. */
export async function script(
  name: string,
  inventory: Inventories,
  flags: ScriptFlags,
): Promise<number> {
  const definition = await readDefinition(inventory, flags)
  if (!definition.ok) return refuse(definition.error, "text")
  const { fleet, roles, templates } = definition.value
  const host = hostNamed(fleet, name)
  const system = flags.system ?? (isFreeBsd(host.system ?? {}) ? "freebsd" : "linux")
  const view = viewByHand(fleet, host, system)
  const why = unscriptable(view.realserver, system)
  if (why !== undefined)
    throw new Failure("input", `${name} ${why}`, {
      hint: "serve it by dr or nat, or let lbctl set up a Linux host",
    })
  const made = setUpScript(view, system, roles, templates)
  if (!made.ok) return refuse(made.error, "text")
  print(made.value)
  return exitCodes.done
}

function hostNamed({ hosts }: Fleet, name: string): Host {
  const host = hosts.find((one) => one.name === name)
  if (host !== undefined) return host
  const known = hosts.map((one) => one.name)
  throw new Failure("input", `the inventory has no host ${name}`, {
    hint: suggestion(name, known, "lbctl inventory --hosts lists them"),
  })
}

/** What the host is to hold as a real server, as if lbctl managed it and it ran that system. */
function viewByHand(
  fleet: Fleet,
  { unmanaged: _others, ...host }: Host,
  system: ScriptSystem,
): HostView & Required<Pick<HostView, "realserver">> {
  const init = system === "freebsd" ? "rc" : usualSystem.init
  const managed = { ...host, system: { ...usualSystem, init } }
  const hosts = fleet.hosts.map((one) => (one.name === host.name ? managed : one))
  const view = hostViews({ ...fleet, hosts }).find((one) => one.host === host.name)
  const realserver = view?.realserver
  if (view !== undefined && realserver !== undefined) return { ...view, realserver }
  throw new Failure("input", `${host.name} has no VIP to hold`, {
    hint: "it serves nothing, or by nat alone, for which real servers need no set-up",
  })
}
