/** One entry of the kernel's connection table. */
export interface IpvsConnection {
  /** `TCP`, `UDP`, `SCTP`; `IP` for templates of firewall marks. */
  readonly protocol: string
  readonly client: string
  readonly vip: string
  readonly server: string
  /** `ESTABLISHED`, `FIN_WAIT`, ...; `NONE` for templates of persistence. */
  readonly state: string
  readonly expiresSeconds: number
}

/** What `lbagent connections` prints. */
export interface ConnectionList {
  readonly connections: readonly IpvsConnection[]
  /** Matching entries in all, those that were not listed included. */
  readonly matching: number
}
