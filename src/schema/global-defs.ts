import { findings } from "./check.ts"
import type { ClustersDocument, GlobalDefs } from "./clusters.gen.ts"
import type { Document } from "./documents.ts"

/** `keepalived.global_defs` of clusters.yml; undefined where it is left out or not of the schema, which is told elsewhere. */
export function globalDefsOf(document: Document): GlobalDefs | undefined {
  const { keepalived } = (document.value ?? {}) as Partial<ClustersDocument>
  if (keepalived?.global_defs === undefined) return undefined
  const wrong = findings("clusters", document).some(({ path }) => path[0] === "keepalived")
  return wrong ? undefined : keepalived.global_defs
}
