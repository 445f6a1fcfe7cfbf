import { operations as all, type AccessRule } from "../model/access.ts"
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
    operations: all.filter((operation) => operations?.includes(operation) ?? true),
    ...(services === undefined ? {} : { services }),
    ...(hosts === undefined ? {} : { hosts }),
  }))
}
