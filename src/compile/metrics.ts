import type { Fleet } from "../model/fleet.ts"
import type { ClustersDocument } from "../schema/clusters.gen.ts"
import { parseEndpoint } from "../schema/formats.ts"

/** `metrics` of clusters.yml; what is not of the schema counts as left out, and is told elsewhere. */
export function compileMetrics(value: unknown): Pick<Fleet, "metrics"> {
  const { metrics } = (value ?? {}) as Partial<ClustersDocument>
  const text: unknown = metrics?.listen
  const listen = typeof text === "string" ? parseEndpoint(text) : undefined
  return listen === undefined ? {} : { metrics: { listen } }
}
