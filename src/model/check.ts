/** When a check is asked and how its answers are counted; times in milliseconds. A server is taken out after 1 + retries failures in a row. */
export interface CheckRhythm {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly retries: number
  readonly delayBeforeRetryMs: number
  /** Successes in a row that put a server back. */
  readonly rise: number
  /** Port to ask when it is not the service's own. */
  readonly port?: number
  /** `vip`: through the VIP by a private firewall-mark service; `address`: the server's own address. */
  readonly via: "vip" | "address"
}

/** Status codes from one to another, both accepted. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

/** A regular expression of JavaScript that an answer is searched for. */
export interface Pattern {
  readonly source: string
  /** Of `i`, `m` and `s`. */
  readonly flags: string
  /** The answer is good when the expression is *not* found. */
  readonly absent: boolean
}

/** One request, and what its answer must be. */
export interface HttpQuestion {
  /** Default: GET. */
  readonly method?: string
  readonly path: string
  /** Host header; default: the VIP. */
  readonly host?: string
  /** Accepted status codes. */
  readonly status: readonly (number | StatusRange)[]
  /** Text that the body must hold. */
  readonly body?: string
  readonly regex?: Pattern
  /** Of the whole body, lower-case hex: 32 digits MD5, as keepalived's genhash prints it, 64 digits SHA-256. */
  readonly digest?: string
}

/** What HTTP checks share; the check itself is its first question. */
export interface HttpAsking extends HttpQuestion {
  /** Questions after the first, each over its own connection; all must be answered well. */
  readonly urls?: readonly HttpQuestion[]
  readonly headers?: Readonly<Record<string, string>>
  /** Body of every request. */
  readonly payload?: string
  /** Bytes of a body that are read at most. */
  readonly maxBodyBytes?: number
}

/** How a TLS connection is made and what its certificate must be. */
export interface TlsAsking {
  /** Server name indication (RFC 6066 section 3); default: the name asked for, where it is a name. */
  readonly sni?: string
  /** Absent: any certificate will do. */
  readonly verify?: {
    /** PEM file on the director; default: the system's certificate authorities. */
    readonly caFile?: string
    /** The name that the certificate must be for; default: the server name, else the address asked. */
    readonly name?: string
  }
  /** Days the certificate must still be valid for. */
  readonly certificateDays?: { readonly warn?: number; readonly fail?: number }
}

/** One health check. */
export type HealthCheck = CheckRhythm &
  (
    | { readonly type: "tcp" }
    | (HttpAsking & { readonly type: "http" })
    | (HttpAsking & TlsAsking & { readonly type: "https" })
  )

/** The check of one type, or of some. */
export type CheckOf<Type extends HealthCheck["type"]> = HealthCheck & { readonly type: Type }
