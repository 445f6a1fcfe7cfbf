import type { SourceRef } from "../core/problem.ts"

/** A variable and where its value stands. */
export interface Variable {
  readonly value: unknown
  readonly at: SourceRef
}

/** Variables of one origin by name. */
export type Variables = ReadonlyMap<string, Variable>

/** A group as the inventory file has it: its own hosts, children and variables. */
export interface GroupNode {
  readonly name: string
  readonly at: SourceRef
  readonly hosts: Set<string>
  readonly children: Map<string, SourceRef>
  readonly vars: Map<string, Variable>
  /** Among groups of the same depth the higher one wins; from `ansible_group_priority`, 1 when unset. */
  priority: number
}

/** A host as the inventory file has it. */
export interface HostNode {
  readonly name: string
  readonly at: SourceRef
  readonly vars: Map<string, Variable>
}

/** What an inventory file says, before inheritance. Groups and hosts in order of their first mention. */
export interface InventoryTree {
  readonly groups: Map<string, GroupNode>
  readonly hosts: Map<string, HostNode>
}
