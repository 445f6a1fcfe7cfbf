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

/** What is said on a TCP connection. Bytes are text, or `hex:` and hexadecimal digits. */
export interface TcpAsking {
  readonly send?: string
  /** What the answer begins with. */
  readonly receive?: string
  readonly tls?: TlsAsking
}

/** What one datagram asks. Bytes are text, or `hex:` and hexadecimal digits. */
export interface UdpAsking {
  readonly payload?: string
  /** What the first datagram back begins with. */
  readonly reply?: string
  /** Silence is a failure. */
  readonly requireReply: boolean
}

/** A question to a name server. */
export interface DnsAsking {
  /** `.` is the root. */
  readonly name: string
  readonly recordType: "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SOA" | "SRV" | "TXT"
  /** Data that must be among the records of the answer, as zone files write it. */
  readonly answer?: readonly string[]
  readonly rcode: string
  readonly transport: "udp" | "tcp"
}

/** What is said to a mail server. */
export interface SmtpAsking {
  /** Default: the director's address as a literal. */
  readonly heloName?: string
  /** Text that the greeting must hold. */
  readonly greeting?: string
  readonly tls?: TlsAsking
}

/** A login at a RADIUS server. The files are on the director: their content is in no plan. */
export interface RadiusAsking {
  readonly user: string
  readonly passwordFile: string
  readonly secretFile: string
  readonly answer: "accept" | "reject" | "challenge" | "any"
}

/** A command on the director. */
export interface ExternalAsking {
  /** The program, absolute, and its arguments. */
  readonly command: readonly string[]
  /** By name. */
  readonly user: string
  /** Exit codes from 2 are answers, too: the server's weight plus 2. */
  readonly weightByExitCode?: boolean
}

/** One health check. */
export type HealthCheck = CheckRhythm &
  (
    | (TcpAsking & { readonly type: "tcp" })
    | (UdpAsking & { readonly type: "udp" })
    | (DnsAsking & { readonly type: "dns" })
    | (SmtpAsking & { readonly type: "smtp" })
    | { readonly type: "icmp" }
    | (RadiusAsking & { readonly type: "radius" })
    | (ExternalAsking & { readonly type: "external" })
    | (HttpAsking & { readonly type: "http" })
    | (HttpAsking & TlsAsking & { readonly type: "https" })
  )

/** The check of one type, or of some. */
export type CheckOf<Type extends HealthCheck["type"]> = HealthCheck & { readonly type: Type }

/** The protocol of the port that a check asks; undefined where it asks none. */
export function askedProtocol(check: HealthCheck): "tcp" | "udp" | undefined {
  switch (check.type) {
    case "tcp":
    case "http":
    case "https":
    case "smtp":
      return "tcp"
    case "udp":
    case "radius":
      return "udp"
    case "dns":
      return check.transport
    case "icmp":
    case "external":
      return undefined
    default:
      return check satisfies never
  }
}
