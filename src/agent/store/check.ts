import type { Check, Fields } from "../../core/shape.ts"
import { flag, list, object, oneOf, record, such, text, whole } from "../../core/shape.ts"
import type {
  CheckOf,
  CheckRhythm,
  DnsAsking,
  ExternalAsking,
  HealthCheck,
  HttpAsking,
  HttpQuestion,
  Pattern,
  RadiusAsking,
  SmtpAsking,
  StatusRange,
  TcpAsking,
  TlsAsking,
  UdpAsking,
} from "../../model/check.ts"

import { recordTypes, responseCodes } from "../protocol/dns.ts"

const most = 0x7fffffff
const days = whole(0, 36_500)

const rhythm: Fields<CheckRhythm> = {
  intervalMs: whole(1, most),
  timeoutMs: whole(1, most),
  retries: whole(0, most),
  delayBeforeRetryMs: whole(0, most),
  rise: whole(1, most),
  port: whole(1, 65_535),
  via: oneOf("vip", "address"),
}

const code = whole(100, 599)
const range = object<StatusRange>({ from: code, to: code })
const status: Check = (value, path) => (typeof value === "object" ? range : code)(value, path)

const question: Fields<HttpQuestion> = {
  method: text(/^[A-Z-]+$/),
  path: text(/^\/[\x21-\x7e]*$/),
  host: text(/^[\x21-\x7e]+$/),
  status: list(status),
  body: text(),
  regex: object<Pattern>({
    source: such(compiles, "a regular expression"),
    flags: text(/^[ims]*$/),
    absent: flag,
  }),
  digest: text(/^([0-9a-f]{32}|[0-9a-f]{64})$/),
}
const optionalInQuestion = ["method", "host", "body", "regex", "digest"] as const

const http: Fields<HttpAsking> = {
  ...question,
  urls: list(object<HttpQuestion>(question, optionalInQuestion)),
  headers: record(text(/^[\x20-\x7e]*$/)),
  payload: text(),
  maxBodyBytes: whole(1, most),
}
const optionalInHttp = [
  ...optionalInQuestion,
  "urls",
  "headers",
  "payload",
  "maxBodyBytes",
] as const

const tls: Fields<TlsAsking> = {
  sni: text(/^[^\s]+$/),
  verify: object<NonNullable<TlsAsking["verify"]>>({ caFile: text(/^\//), name: text(/^\S+$/) }, [
    "caFile",
    "name",
  ]),
  certificateDays: object<NonNullable<TlsAsking["certificateDays"]>>({ warn: days, fail: days }, [
    "warn",
    "fail",
  ]),
}
const optionalInTls = ["sni", "verify", "certificateDays"] as const

const tlsPart = object<TlsAsking>(tls, optionalInTls)
const tcp: Fields<TcpAsking> = { send: text(), receive: text(), tls: tlsPart }
const udp: Fields<UdpAsking> = { payload: text(), reply: text(), requireReply: flag }
const dns: Fields<DnsAsking> = {
  name: text(/^[A-Za-z0-9_.-]+$/),
  recordType: oneOf(...Object.keys(recordTypes)),
  answer: list(text()),
  rcode: oneOf(...responseCodes),
  transport: oneOf("udp", "tcp"),
}
const smtp: Fields<SmtpAsking> = { heloName: text(/^\S+$/), greeting: text(), tls: tlsPart }
const file = text(/^\/[\x21-\x7e]+$/)
const radius: Fields<RadiusAsking> = {
  user: text(/^.+$/),
  passwordFile: file,
  secretFile: file,
  answer: oneOf("accept", "reject", "challenge", "any"),
}
const external: Fields<ExternalAsking> = {
  command: list(text()),
  user: text(/^[a-z_][a-z0-9_-]*$/),
  weightByExitCode: flag,
}

const byType: Readonly<Record<HealthCheck["type"], Check>> = {
  tcp: object<CheckOf<"tcp">>({ ...rhythm, ...tcp, type: oneOf("tcp") }, [
    "port",
    "send",
    "receive",
    "tls",
  ]),
  udp: object<CheckOf<"udp">>({ ...rhythm, ...udp, type: oneOf("udp") }, [
    "port",
    "payload",
    "reply",
  ]),
  dns: object<CheckOf<"dns">>({ ...rhythm, ...dns, type: oneOf("dns") }, ["port", "answer"]),
  smtp: object<CheckOf<"smtp">>({ ...rhythm, ...smtp, type: oneOf("smtp") }, [
    "port",
    "heloName",
    "greeting",
    "tls",
  ]),
  radius: object<CheckOf<"radius">>({ ...rhythm, ...radius, type: oneOf("radius") }, ["port"]),
  external: object<CheckOf<"external">>({ ...rhythm, ...external, type: oneOf("external") }, [
    "port",
    "weightByExitCode",
  ]),
  icmp: object<CheckOf<"icmp">>({ ...rhythm, type: oneOf("icmp") }, ["port"]),
  http: object<CheckOf<"http">>({ ...rhythm, ...http, type: oneOf("http") }, [
    "port",
    ...optionalInHttp,
  ]),
  https: object<CheckOf<"https">>({ ...rhythm, ...http, ...tls, type: oneOf("https") }, [
    "port",
    ...optionalInHttp,
    ...optionalInTls,
  ]),
}
const types = new Map<unknown, Check>(Object.entries(byType))

/** The check of a service in agent.json, of any type. */
export const healthCheck: Check = (value, path) => {
  if (typeof value !== "object" || value === null) return [`${path} must be an object`]
  const type = "type" in value ? value.type : undefined
  return (
    types.get(type)?.(value, path) ?? [
      `${path}.type must be one of ${Object.keys(byType).join(", ")}`,
    ]
  )
}

function compiles(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
