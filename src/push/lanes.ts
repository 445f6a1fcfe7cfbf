import { assertNever } from "../core/result.ts"
import type { HostPlan, Phase } from "../model/plan.ts"

/**
 * Who may go at the same time in a phase: lanes run beside each other, the hosts of a lane one after the other. Backups take
 * turns within their cluster, masters in the whole fleet; real servers do not wait for each other.
 */
export function lanesOf<T extends { readonly planned: HostPlan }>(
  phase: Phase,
  turns: readonly T[],
): readonly (readonly T[])[] {
  switch (phase) {
    case "gain":
    case "lose":
    case "teardown":
      return turns.map((turn) => [turn])
    case "backup":
      return [...byCluster(turns).values()]
    case "master":
      return turns.length === 0 ? [] : [[...byCluster(turns).values()].flat()]
    default:
      return assertNever(phase)
  }
}

function byCluster<T extends { readonly planned: HostPlan }>(
  turns: readonly T[],
): Map<string, T[]> {
  const clusters = new Map<string, T[]>()
  for (const turn of turns) {
    const name = turn.planned.cluster ?? ""
    clusters.set(name, [...(clusters.get(name) ?? []), turn])
  }
  return clusters
}
