import { parseBytes } from "../core/bytes.ts"
import type { CheckOf, DnsAsking, HealthCheck, UdpAsking } from "../model/check.ts"

/** What a check asks for that no checker of keepalived does. */
export interface Beyond {
  readonly key: string
  readonly message: string
  readonly cure: string
}

/** The first thing of a check that keepalived 2.2.7 can't do, or does otherwise (keepalived.conf(5), CHECKER_TYPE); all else it can. */
export function beyondCheckers(check: HealthCheck): Beyond | undefined {
  switch (check.type) {
    case "tcp":
      return excess(check, ["send", "receive", "tls"])
    case "udp":
      return beyondUdp(check)
    case "dns":
      return beyondDns(check)
    case "smtp":
      return excess(check, ["greeting", "tls"])
    case "icmp":
      return undefined
    case "http":
    case "https":
      return beyondHttp(check)
    case "external":
      return beyondExternal(check)
    case "radius":
      return {
        key: "type",
        message: "a check of type radius",
        cure: "choose tcp, udp, icmp, http, https, dns, smtp or external",
      }
    default:
      return check satisfies never
  }
}

function beyondHttp(check: CheckOf<"http" | "https">): Beyond | undefined {
  const questions = [check, ...(check.urls ?? [])]
  const asks = (key: "method" | "body" | "regex") =>
    questions.some((question) => question[key] !== undefined) ? removable(key) : undefined
  return (
    asks("method") ??
    asks("body") ??
    // Its expressions are those of PCRE, not of JavaScript.
    asks("regex") ??
    (questions.some(({ digest }) => digest?.length === sha256Digits)
      ? removable("digest")
      : undefined) ??
    excess(check, ["headers", "payload"]) ??
    (check.maxBodyBytes === undefined ? undefined : removable("max_body")) ??
    (check.type === "http" ? undefined : beyondTls(check))
  )
}

function beyondTls(check: CheckOf<"https">): Beyond | undefined {
  if (check.sni !== undefined && check.sni !== check.host) return removable("sni")
  if (check.verify !== undefined) return removable("verify")
  return check.certificateDays === undefined ? undefined : removable("certificate_days")
}

/** Without a payload it sends random bytes; bytes that are all 0xff its reader of them refuses. */
function beyondUdp({ payload, reply }: UdpAsking): Beyond | undefined {
  if (payload === undefined || payload === "")
    return {
      key: "payload",
      message: "a udp check that sends nothing: it would send random bytes",
      cure: "write a payload",
    }
  const odd = Object.entries({ payload, reply }).find(
    ([, text]) => text !== undefined && parseBytes(text).every((byte) => byte === 0xff),
  )
  if (odd === undefined) return undefined
  const [key] = odd
  return {
    key,
    message: `a ${key} that is empty or of bytes 0xff alone`,
    cure: `write a ${key} with other bytes`,
  }
}

const recordTypes: ReadonlySet<string> = new Set(["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"])

function beyondDns(check: CheckOf<"dns"> & DnsAsking): Beyond | undefined {
  if (!recordTypes.has(check.recordType))
    return {
      key: "record",
      message: `a question for ${check.recordType} records`,
      cure: `choose ${[...recordTypes].join(", ")}`,
    }
  if (check.answer !== undefined) return removable("answer")
  if (check.rcode !== "NOERROR") return removable("rcode")
  return check.transport === "udp" ? undefined : removable("transport")
}

/** A line of keepalived.conf is 1024 bytes at most (lib/parser.h, MAXBUF); the program, its indent and the variables take up to 200. */
const longestCommand = 800

function beyondExternal({ command, user, timeoutMs }: CheckOf<"external">): Beyond | undefined {
  if (timeoutMs % 1000 !== 0)
    return {
      key: "timeout",
      message: "a command with a timeout of less or more than whole seconds",
      cure: "write whole seconds",
    }
  // It looks at who may change what gives the program its user, not at the program.
  if (user === "root")
    return {
      key: "user",
      message: "a command as root: it would run one that others may change",
      cure: "choose another user",
    }
  if (command.some((word) => !/^[\w%+,./:=@-]+$/.test(word)))
    return {
      key: "command",
      message: "a command with an empty word, or one with a blank or a sign that it reads itself",
      cure: "write a program that takes plain words",
    }
  if (command.join(" ").length <= longestCommand) return undefined
  return {
    key: "command",
    message: `a command of more than ${longestCommand} characters`,
    cure: "write a program that says the same in fewer",
  }
}

/** The first of these keys that the check has. */
function excess<Check extends HealthCheck>(
  check: Check,
  keys: readonly (keyof Check & string)[],
): Beyond | undefined {
  const key = keys.find((name) => check[name] !== undefined)
  return key === undefined ? undefined : removable(key)
}

function removable(key: string): Beyond {
  return { key, message: `the ${key} of its check`, cure: `remove ${key}` }
}

const sha256Digits = 64
