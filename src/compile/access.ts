import type { AccessRule } from "../model/access.ts"
import { overrideActions } from "../model/override.ts"
import type { Cluster as ClusterSource } from "../schema/clusters.gen.ts"

/** `access` of a cluster with its defaults. */
export function compileAccess(
  source: NonNullable<ClusterSource["access"]>,
  cluster: string,
): AccessRule[] {
  return source.map(({ users, groups, operations, services, hosts }) => ({
    cluster,
    users: users ?? [],
    groups: groups ?? [],
    operations: overrideActions.filter((action) => operations?.includes(action) ?? true),
    ...(services === undefined ? {} : { services }),
    ...(hosts === undefined ? {} : { hosts }),
  }))
}
