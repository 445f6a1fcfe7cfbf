import type { AgentStatus } from "./agent-status.ts"
import type { IpvsTable } from "./ipvs.ts"
import type { Hold, Lease } from "./lock.ts"

export interface ObservedFile {
  /** Undefined: there is no such file. */
  readonly sha256?: string
  readonly mode?: string
  readonly owner?: string
  /** Present when it differs from what the manifest asked for. */
  readonly content?: string
}

/** What lbctl put on a host: the manifest of its confirmed release. */
export interface Owned {
  readonly files: readonly string[]
  /** Those of the files that hold secrets. */
  readonly secrets?: readonly string[]
  readonly sysctls: readonly string[]
  readonly addresses: readonly {
    readonly address: string
    readonly prefix: number
    readonly device: string
  }[]
  readonly units: readonly string[]
  readonly linksUp: readonly string[]
}

/** An activation that nobody confirmed yet. */
export interface OpenTransaction {
  readonly id: string
  readonly release: string
  readonly by: string
  readonly since: string
  /** `armed`: its controller is there; `abandoned`: its controller went away, the revert timer runs. */
  readonly state: "armed" | "abandoned"
}

/** What one host holds now. */
export interface Observed {
  readonly host: string
  readonly facts: Readonly<Record<string, string>>
  readonly links: readonly {
    readonly name: string
    readonly mac: string
    readonly up: boolean
    readonly mtu: number
  }[]
  readonly addresses: readonly {
    readonly address: string
    readonly prefix: number
    readonly device: string
  }[]
  readonly files: Readonly<Record<string, ObservedFile>>
  /** Undefined value: the kernel has no such key. */
  readonly sysctls: Readonly<Record<string, string | undefined>>
  readonly modules: Readonly<Record<string, "loaded" | "loadable" | "missing">>
  readonly units: Readonly<
    Record<
      string,
      { readonly exists: boolean; readonly enabled: boolean; readonly running: boolean }
    >
  >
  readonly commands: Readonly<Record<string, boolean>>
  /** Installed agent releases. */
  readonly agents: readonly string[]
  /** Path of a Node runtime of at least version 20, when the host has one. */
  readonly runtime?: string
  /** The confirmed release. */
  readonly release?: string
  readonly owned: Owned
  readonly transaction?: OpenTransaction
  /** The run that has the host's lock. */
  readonly lease?: Lease
  /** The person who holds the host's lock. */
  readonly hold?: Hold
  /** How the last activation ended, when it did not end well: shown to the operator once. */
  readonly lastResult?: string
  /** From the agent; or only the bare table where no agent is installed. */
  readonly agent?: AgentStatus
  readonly table?: IpvsTable
}
