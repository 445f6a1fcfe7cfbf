import { findings } from "./check.ts"
import type { ClustersDocument } from "./clusters.gen.ts"
import type { Document } from "./documents.ts"

/** `keepalived` of clusters.yml. */
export type KeepalivedSource = NonNullable<ClustersDocument["keepalived"]>

/** `keepalived` of clusters.yml; empty where it is left out or not of the schema, which is told elsewhere. */
export function keepalivedSource(document: Document): KeepalivedSource {
  const { keepalived } = (document.value ?? {}) as Partial<ClustersDocument>
  if (keepalived === undefined) return {}
  const wrong = findings("clusters", document).some(({ path }) => path[0] === "keepalived")
  return wrong ? {} : keepalived
}
