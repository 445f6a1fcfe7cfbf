import { formatEndpoint } from "../core/address.ts"
import { parseBytes } from "../core/bytes.ts"
import type {
  CheckOf,
  DnsAsking,
  HealthCheck,
  HttpQuestion,
  SmtpAsking,
  UdpAsking,
} from "../model/check.ts"
import type { DesiredServer, DesiredService } from "../model/desired.ts"
import { vipsOf } from "../model/desired.ts"

/** A checker of keepalived.conf(5); `urls` belong to HTTP_GET and SSL_GET. */
export interface Checker {
  readonly keyword:
    | "TCP_CHECK"
    | "HTTP_GET"
    | "SSL_GET"
    | "UDP_CHECK"
    | "DNS_CHECK"
    | "SMTP_CHECK"
    | "PING_CHECK"
    | "MISC_CHECK"
  /** None for a checker that asks no port. */
  readonly connectPort: number | null
  /** None for a checker that calls its time by another name. */
  readonly connectTimeoutMs: number | null
  readonly retry: number
  readonly delayBeforeRetryMs: number
  /** The name asked for is sent in the TLS handshake. */
  readonly enableSni: boolean
  /** What only this kind of checker has. */
  readonly lines: readonly string[]
  readonly urls: readonly {
    readonly path: string
    readonly virtualhost: string
    /** 200, 200-299. */
    readonly statusCodes: readonly string[]
    readonly digest: string | null
  }[]
}

/** The checker of a check; null for one that keepalived cannot do, which the rule keepalived-check refuses. */
export function checkerOf(
  check: HealthCheck,
  server: DesiredServer,
  service: DesiredService,
): Checker | null {
  const connectPort = check.port ?? server.port
  const [vip = server.address] = vipsOf(service)
  const plain = {
    connectPort,
    connectTimeoutMs: check.timeoutMs,
    retry: check.retries,
    delayBeforeRetryMs: check.delayBeforeRetryMs,
    enableSni: false,
    lines: [],
    urls: [],
  }
  switch (check.type) {
    case "tcp":
      return { ...plain, keyword: "TCP_CHECK" }
    case "http":
    case "https":
      return {
        ...plain,
        keyword: check.type === "http" ? "HTTP_GET" : "SSL_GET",
        enableSni: check.type === "https" && check.host !== undefined,
        urls: urlsOf(check, formatEndpoint(vip, connectPort)),
      }
    case "udp":
      return { ...plain, keyword: "UDP_CHECK", lines: udpLines(check) }
    case "dns":
      return { ...plain, keyword: "DNS_CHECK", lines: dnsLines(check) }
    case "smtp":
      return { ...plain, keyword: "SMTP_CHECK", lines: smtpLines(check) }
    case "icmp":
      return { ...plain, keyword: "PING_CHECK", connectPort: null }
    case "external":
      return {
        ...plain,
        keyword: "MISC_CHECK",
        connectPort: null,
        connectTimeoutMs: null,
        lines: miscLines(check, server, vip),
      }
    case "radius":
      return null
    default:
      return check satisfies never
  }
}

function urlsOf(
  check: HttpQuestion & { readonly urls?: readonly HttpQuestion[] },
  vip: string,
): Checker["urls"] {
  return [check, ...(check.urls ?? [])].map(({ path, host, status, digest }) => ({
    path,
    virtualhost: host ?? vip,
    statusCodes: status.map((code) =>
      typeof code === "number" ? String(code) : `${code.from}-${code.to}`,
    ),
    digest: digest ?? null,
  }))
}

/** The largest payload of a UDP datagram over IPv4 (RFC 768, RFC 791); keepalived refuses one over 255 bytes unless told. */
const longestDatagram = 65_507

/** keepalived compares as many bytes as both have: only with a least length must the reply begin with all of them. */
function udpLines({ payload, reply, requireReply }: UdpAsking): string[] {
  const begin = reply === undefined ? undefined : parseBytes(reply)
  return [
    ...(payload === undefined ? [] : [`payload ${hex(parseBytes(payload))}`]),
    ...(requireReply
      ? [
          begin === undefined ? "require_reply" : `require_reply ${hex(begin)}`,
          `min_reply_length ${begin?.length ?? 0}`,
          `max_reply_length ${longestDatagram}`,
        ]
      : []),
  ]
}

function dnsLines({ recordType, name }: DnsAsking): string[] {
  return [`type ${recordType}`, `name ${name}`]
}

function smtpLines({ heloName }: SmtpAsking): string[] {
  return heloName === undefined ? [] : [`helo_name ${heloName}`]
}

/** Where the director's role puts what gives a command its user and its environment; it is no program of lbctl's agent. */
const runner = "/usr/local/lib/lbctl/misc-check"

function miscLines(check: CheckOf<"external">, server: DesiredServer, vip: string): string[] {
  const { command, user, timeoutMs, weightByExitCode } = check
  const environment = [
    `LBCTL_ADDRESS=${server.address}`,
    `LBCTL_PORT=${check.port ?? server.port}`,
    `LBCTL_VIP=${vip}`,
    `LBCTL_TIMEOUT_MS=${timeoutMs}`,
  ]
  return [
    `misc_path "${[runner, user, ...environment, ...command].join(" ")}"`,
    `misc_timeout ${timeoutMs / 1000}`,
    ...(weightByExitCode === true ? ["misc_dynamic"] : []),
  ]
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
