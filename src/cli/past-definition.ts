import type { DirectorState, HostView } from "../model/desired.ts"
import { unmanagedNames } from "../model/unmanaged.ts"
import type { Release } from "../model/release.ts"
import { agentStatePath } from "../plan/host.ts"
import type { Definition } from "./pipeline.ts"

/**
 * The definition with past releases in the place of what it says of their hosts: what a host was to hold, which services its
 * director state had, and to which cluster it belonged come from the release, so that the same planner plans the way back.
 */
export function withReleases(
  definition: Definition,
  releases: ReadonlyMap<string, Release>,
): Definition {
  const { bundles, views, memberships, fleet } = definition
  const known = new Set(fleet.hosts.map((host) => host.name))
  const pastViews = [...releases].map(([host, { bundle }]) =>
    viewOf(
      views.find((view) => view.host === host) ?? bareViewOf(definition, host),
      bundle.files.find((file) => file.path === agentStatePath)?.content,
    ),
  )
  return {
    ...definition,
    bundles: new Map([
      ...bundles,
      ...[...releases].map(([host, { bundle }]) => [host, bundle] as const),
    ]),
    views: [...views.filter((view) => !releases.has(view.host)), ...pastViews],
    memberships: new Map([
      ...(memberships ?? []),
      ...[...releases].map(([host, { cluster, directors }]) => {
        const there = directors.filter((name) => known.has(name))
        return [host, { ...(cluster === undefined ? {} : { cluster }), directors: there }] as const
      }),
    ]),
  }
}

/**
 * Real servers that the releases' directors balance to, that lbctl manages, and that hold nothing of lbctl's and get nothing: they would be sent
 * traffic for a VIP they do not have.
 */
export function missingServers(
  definition: Definition,
  releases: ReadonlyMap<string, Release>,
): string[] {
  const named = definition.views
    .filter((view) => releases.has(view.host))
    .flatMap((view) => view.director?.services ?? [])
    .flatMap((service) =>
      service.servers.filter(({ forwarding }) => forwarding !== "nat").map(({ host }) => host),
    )
  const { bundles, fleet } = definition
  const others = unmanagedNames(fleet)
  return [...new Set(named)].filter((host) => !bundles.has(host) && !others.has(host)).sort()
}

function viewOf(view: HostView, state: string | undefined): HostView {
  const { director: _director, system: _system, ...rest } = view
  return state === undefined ? rest : { ...rest, director: JSON.parse(state) as DirectorState }
}

function bareViewOf({ fleet }: Definition, name: string): HostView {
  const host = fleet.hosts.find((item) => item.name === name)
  return {
    host: name,
    addresses: host?.addresses ?? [],
    groups: host?.groups ?? [],
    vars: host?.vars ?? {},
  }
}
