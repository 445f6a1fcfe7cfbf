import { viewOn } from "../compile/system.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { isSameSystem, type System } from "../model/system.ts"
import { renderBundles } from "../render/bundles.ts"
import { systemProblems } from "../validate/fleet.ts"
import { distinct, type Definition } from "./pipeline.ts"

/** Systems by host name. */
export type Systems = ReadonlyMap<string, System>

/**
 * Those of the hosts that have another system than the definition takes them for. What the inventory says of a host's system
 * stands, whatever the host tells; hosts of which nothing is rendered have none.
 */
export function otherSystems(
  { fleet, views }: Definition,
  told: ReadonlyMap<string, Partial<System>>,
): Systems {
  const given = new Map(fleet.hosts.map(({ name, system }) => [name, system]))
  return new Map(
    views.flatMap(({ host, system }): [string, System][] => {
      if (system === undefined) return []
      const now = { ...system, ...told.get(host), ...given.get(host) }
      return isSameSystem(now, system) ? [] : [[host, now]]
    }),
  )
}

/** The same definition for hosts of these systems: what they must hold follows from it anew. The error says what they cannot do. */
export function withSystems(
  definition: Definition,
  systems: Systems,
): Result<Definition, Problem[]> {
  if (systems.size === 0) return ok(definition)
  const { fleet, documents } = definition
  const hosts = fleet.hosts.map((host) => ({
    ...host,
    system: systems.get(host.name) ?? host.system ?? {},
  }))
  const unable = systemProblems({ ...fleet, hosts }, documents)
  if (unable.length > 0) return err(distinct(unable))
  const views = definition.views.map((view) => {
    const system = systems.get(view.host)
    return system === undefined ? view : viewOn(view, system)
  })
  const others = views.filter(({ host }) => systems.has(host))
  const rendered = renderBundles(others, definition.roles, definition.templates)
  if (!rendered.ok) return err(distinct(rendered.error))
  const anew = rendered.value.map((one) => [one.host, one] as const)
  return ok({ ...definition, views, bundles: new Map([...definition.bundles, ...anew]) })
}
