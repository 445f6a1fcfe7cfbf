import { suggestion } from "../core/suggestion.ts"
import type { Cluster } from "../model/fleet.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on who may set overrides. */
export const accessRules: readonly Rule[] = [
  {
    id: "access-service",
    set: "service",
    reason:
      "a rule on a service that is not there grants nothing, and its users find out in an emergency",
    find: (context) =>
      unknownNames(context, "services", (cluster) => ({
        noun: "service",
        known: context.servicesOf(cluster).map(({ name }) => name),
      })),
  },
  {
    id: "access-host",
    set: "service",
    reason:
      "a rule on a host that is not there grants nothing, and its users find out in an emergency",
    find: (context) =>
      unknownNames(context, "hosts", (cluster) => ({
        noun: "director or real server",
        known: [
          ...cluster.directors.map(({ host }) => host),
          ...context
            .servicesOf(cluster)
            .flatMap(({ backends }) => backends.map(({ host }) => host)),
        ],
      })),
  },
]

function unknownNames(
  context: RuleContext,
  key: "services" | "hosts",
  namesOf: (cluster: Cluster) => { readonly noun: string; readonly known: readonly string[] },
): Breach[] {
  return context.fleet.clusters.flatMap((cluster) => {
    const { noun, known } = namesOf(cluster)
    return (cluster.access ?? []).flatMap((rule, index) =>
      (rule[key] ?? []).flatMap((name, place): Breach[] => {
        if (known.includes(name)) return []
        return [
          {
            message: `access of ${cluster.name} names ${name}, which is no ${noun} of the cluster`,
            at: context.inCluster(cluster, "access", index, key, place),
            hint: suggestion(name, known, "remove it, or define it"),
          },
        ]
      }),
    )
  })
}
