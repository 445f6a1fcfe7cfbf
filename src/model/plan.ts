import type { Owned } from "./observed.ts"

/** How much a change can hurt: `none` cannot be noticed, `low` touches new connections only, `high` can end established ones. */
export const risks = ["none", "low", "high"] as const
export type Risk = (typeof risks)[number]

/** What a change is about. */
export const changeKinds = [
  "agent",
  "module",
  "sysctl",
  "link",
  "address",
  "file",
  "unit",
  "ipvs",
  "vrrp",
  "handler",
] as const

export const changeActions = ["add", "edit", "remove", "run"] as const

/** One change on one host in the field's words. */
export interface Change {
  readonly kind: (typeof changeKinds)[number]
  readonly action: (typeof changeActions)[number]
  /** `virtual service tcp 192.0.2.10:80`, `/etc/keepalived/keepalived.conf`. */
  readonly subject: string
  /** What becomes of it: `real server 10.0.0.23:80 weight 1 -> 5`. */
  readonly meaning: string
  readonly risk: Risk
  /** Full text before and after, for `--diff`. */
  readonly before?: string
  readonly after?: string
}

/** Phases of a rollout in order (DESIGN 6). */
export const phases = ["gain", "backup", "master", "lose", "teardown"] as const
export type Phase = (typeof phases)[number]

/** One operation of the node script, in the order it is done; its wire form is wire/operation.ts. */
export type Operation =
  | { readonly op: "module"; readonly name: string }
  | { readonly op: "sysctl"; readonly key: string; readonly value: string; readonly prior: string }
  | { readonly op: "sysctl-restore"; readonly key: string; readonly prior: string }
  | { readonly op: "link-up"; readonly device: string }
  | { readonly op: "link-down"; readonly device: string }
  | { readonly op: "address-add"; readonly cidr: string; readonly device: string }
  | { readonly op: "address-remove"; readonly cidr: string; readonly device: string }
  | {
      readonly op: "file"
      readonly path: string
      readonly sha256: string
      readonly mode: string
      readonly owner: string
      readonly prior: string
      /** One of the two contents holds a secret. */
      readonly secret?: true
    }
  | {
      readonly op: "file-remove"
      readonly path: string
      readonly prior: string
      readonly secret?: true
    }
  | {
      readonly op: "unit-enable" | "unit-disable" | "unit-start" | "unit-stop"
      readonly name: string
    }
  | {
      readonly op: "run"
      readonly name: string
      readonly run: readonly string[]
      readonly withdraw?: readonly string[]
      /** A file with secrets notifies it: its words may quote one, and are not shown. */
      readonly quiet?: true
    }
  | {
      readonly op: "await"
      readonly name: string
      readonly run: readonly string[]
      readonly timeoutSeconds: number
      readonly quiet?: true
    }

/** What happens on one host in one phase. */
export interface HostPlan {
  readonly host: string
  readonly phase: Phase
  readonly cluster?: string
  readonly release: string
  readonly changes: readonly Change[]
  readonly operations: readonly Operation[]
  /** VIPs this host newly holds on its loopback: to be verified silent. */
  readonly gainedVips: readonly string[]
  /** Servers of kernel services that the directors must have drained first: serviceName and destinationName. */
  readonly awaitDrained: readonly { readonly service: string; readonly server: string }[]
  /** The cluster's directors, who drain and who probe for gained VIPs. */
  readonly directors: readonly string[]
  /** Hosts without whose success, earlier in the rollout, this step would do harm. */
  readonly dependsOn: readonly string[]
  /** To be brought to the host before anything else. */
  readonly install?: { readonly agent: string; readonly runtime: boolean }
  /** What the host still owns after this phase besides its bundle: removals that wait for a later phase. */
  readonly retains: Owned
}

/** Something the operator must know or allow. */
export interface Notice {
  readonly host?: string
  readonly message: string
  readonly hint?: string
}

/** The guards by name (docs/apply.md). */
export const guardNames = [
  "vip-unconnected",
  "vip-in-use",
  "vrid-in-use",
  "service-loses-servers",
  "weights-zero",
  "table-taken-down",
  "all-directors",
  "last-server",
] as const
export type GuardName = (typeof guardNames)[number]

/** A plan that looks like an accident until `--allow` names the guard. */
export interface Guard extends Notice {
  readonly guard: GuardName
}

export interface Plan {
  readonly hosts: readonly HostPlan[]
  /** Hosts with nothing to do. */
  readonly unchanged: readonly string[]
  readonly unreachable: readonly {
    readonly host: string
    readonly message: string
    readonly hint?: string
  }[]
  /** Hosts that serve and that lbctl does not log in to (`lbctl_managed: false`): nobody looked at them. Undefined: none. */
  readonly unmanaged?: readonly string[]
  /** Hosts whose state makes the plan impossible: no IPVS in the kernel, keepalived missing. */
  readonly blocked: readonly Notice[]
  readonly guards: readonly Guard[]
  readonly warnings: readonly Notice[]
}

/** What is shown of a step: what machines need to do it is not. */
export type ShownStep = Pick<HostPlan, "host" | "phase" | "cluster" | "release" | "changes">

/** A plan as people and machines read it; also one that was saved, whose operations are not known. */
export interface ShownPlan extends Omit<Plan, "hosts"> {
  readonly hosts: readonly ShownStep[]
}
