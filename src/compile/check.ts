import type { CheckRhythm, HealthCheck } from "../model/check.ts"
import type { Protocol } from "../model/ipvs.ts"
import type { Check, Service } from "../schema/services.gen.ts"
import { compileHttp } from "./check-http.ts"
import {
  compileDns,
  compileExternal,
  compileRadius,
  compileSmtp,
  compileTcp,
  compileUdp,
} from "./check-other.ts"
import { compileTls } from "./check-tls.ts"
import { milliseconds } from "./defaults.ts"
import { checkDefaults } from "./defaults.ts"
import { given } from "./given.ts"

/** The health check of a service; undefined when there is none to do. `via` is what one that does not say goes through. */
export function compileCheck(
  source: Service["check"],
  via: HealthCheck["via"],
  ports: readonly { readonly port: number; readonly protocol: Protocol }[],
): HealthCheck | undefined {
  if (source === "none") return undefined
  if (source !== undefined) return checkOf(source, via)
  const hasTcp = ports.some(({ port, protocol }) => protocol === "tcp" && port > 0)
  return hasTcp ? checkOf({ type: "tcp" }, via) : undefined
}

function checkOf(source: Check, via: HealthCheck["via"]): HealthCheck {
  const rhythm = rhythmOf(source, via)
  switch (source.type) {
    case "tcp":
      return { ...rhythm, type: "tcp", ...compileTcp(source) }
    case "udp":
      return { ...rhythm, type: "udp", ...compileUdp(source) }
    case "dns":
      return { ...rhythm, type: "dns", ...compileDns(source) }
    case "smtp":
      return { ...rhythm, type: "smtp", ...compileSmtp(source) }
    case "radius":
      return { ...rhythm, type: "radius", ...compileRadius(source) }
    case "external":
      return { ...rhythm, type: "external", ...compileExternal(source) }
    case "icmp":
      return { ...rhythm, type: "icmp" }
    case "http":
      return { ...rhythm, type: "http", ...compileHttp(source) }
    case "https":
      return { ...rhythm, type: "https", ...compileHttp(source), ...compileTls(source) }
    default:
      return source satisfies never
  }
}

function rhythmOf(source: Check, via: HealthCheck["via"]): CheckRhythm {
  return {
    intervalMs: milliseconds(source.interval, checkDefaults.intervalMs),
    timeoutMs: milliseconds(source.timeout, checkDefaults.timeoutMs),
    retries: source.retries ?? checkDefaults.retries,
    delayBeforeRetryMs: milliseconds(source.delay_before_retry, checkDefaults.delayBeforeRetryMs),
    rise: source.rise ?? checkDefaults.rise,
    ...wayOf(source, via),
  }
}

/** IPVS schedules no ICMP: an echo request to the VIP is answered by the director itself. What a command sends has no mark. */
function wayOf(source: Check, via: HealthCheck["via"]): Pick<CheckRhythm, "port" | "via"> {
  if (source.type === "icmp") return { via: "address" }
  if (source.type === "external") return { ...given({ port: source.port }), via: "address" }
  return { ...given({ port: source.port }), via: source.via ?? via }
}
