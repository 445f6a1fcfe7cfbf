/** A command of the conversation with one node, by what it is for. */
export type NodeStep =
  | "observe"
  | "examine"
  | "install"
  | "stage"
  | "discard"
  | "activate"
  | "confirm"
  | "settle"
  | "revert"
  | "lock"
  | "history"
  | "release"
  | "agent"

/** How a host is reached; nothing of it is a secret. */
export interface Route {
  readonly user: string
  readonly address: string
  readonly port: number
  /** Jump hosts, first to last, as `-J` takes them. */
  readonly via: readonly string[]
  /** A ProxyCommand leads there; its words are not told. */
  readonly proxyCommand: boolean
  readonly transport: "builtin" | "ssh"
  readonly become?: "sudo" | "doas"
}

/** What happens between lbctl and one host, for `-v` and `-vv`. Times in milliseconds, sizes in bytes. */
export type TraceEvent =
  | { readonly type: "connecting"; readonly route: Route }
  /** `ms`: connection, key exchange and login, waits for others at the same server included. */
  | { readonly type: "connected"; readonly route: Route; readonly ms: number }
  | {
      readonly type: "unconnected"
      readonly route: Route
      readonly ms: number
      readonly message: string
    }
  /** The command line before sudo or doas is put around it. */
  | { readonly type: "ran"; readonly step: NodeStep; readonly command: string }
  /** A line of the answer, without contents (wire/told-record.ts). */
  | { readonly type: "replied"; readonly record: string }
  | {
      readonly type: "ended"
      readonly step: NodeStep
      readonly ms: number
      /** None where the command goes on, as an activation does until it is confirmed. */
      readonly code?: number
      readonly sent: number
      readonly received: number
      readonly transaction?: string
      readonly release?: string
    }
  /** The connection died under it, time ran out, or the user left. */
  | {
      readonly type: "broke"
      readonly step: NodeStep
      readonly ms: number
      readonly message: string
    }
