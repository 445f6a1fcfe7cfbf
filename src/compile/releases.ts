import type { ReleasesKept } from "../model/fleet.ts"
import type { ClustersDocument } from "../schema/clusters.gen.ts"
import { milliseconds, releasesKept } from "./defaults.ts"

/** `releases` of clusters.yml with its defaults; what is not of the schema counts as left out, and is told elsewhere. */
export function compileReleases(value: unknown): ReleasesKept {
  const { releases } = (value ?? {}) as Partial<ClustersDocument>
  const { keep, max_age: maxAge } = releases ?? {}
  return {
    count: typeof keep === "number" ? keep : releasesKept.count,
    maxAgeMs: milliseconds(typeof maxAge === "string" ? maxAge : undefined, releasesKept.maxAgeMs),
  }
}
