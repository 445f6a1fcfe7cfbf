/** Something that changed its state by itself: what operators are told of. */
export interface StateChange {
  /** ISO 8601 in UTC. */
  readonly at: string
  /** A real server by its checks, the quorum of a kernel service, a VRRP instance, a process of the agent. */
  readonly kind: "server" | "quorum" | "vrrp" | "process"
  /** serviceName of the kernel service, name of the instance or of the process. */
  readonly name: string
  /** Of a real server: destinationName. */
  readonly server?: string
  /** Of a real server: its inventory name. */
  readonly host?: string
  readonly from: string
  readonly to: string
  /** Why, in the words of the check or of the process's end; empty where there is nothing to say. */
  readonly message: string
}

/** What changed, without from what to what: `rs1 (10.0.0.21:80) of tcp 192.0.2.10:80`. */
export function subjectOf({
  kind,
  name,
  server,
  host,
}: Pick<StateChange, "kind" | "name" | "server" | "host">): string {
  switch (kind) {
    case "server":
      return `${host === undefined ? server : `${host} (${server})`} of ${name}`
    case "quorum":
      return `quorum of ${name}`
    case "vrrp":
      return `VRRP instance ${name}`
    case "process":
      return `process ${name}`
    default:
      return kind satisfies never
  }
}

/** One line for people: `rs1 (10.0.0.21:80) of tcp 192.0.2.10:80: up -> down: connection refused`. */
export function changeLine(change: StateChange): string {
  const why = change.message === "" ? "" : `: ${change.message}`
  return `${subjectOf(change)}: ${change.from} -> ${change.to}${why}`
}
