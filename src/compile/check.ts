import type { CheckRhythm, HealthCheck } from "../model/check.ts"
import type { Forwarding, Protocol } from "../model/ipvs.ts"
import type { Check, Service } from "../schema/services.gen.ts"
import { compileHttp } from "./check-http.ts"
import { compileTls } from "./check-tls.ts"
import { milliseconds } from "./defaults.ts"
import { checkDefaults } from "./defaults.ts"

/** The health check of a service; undefined when there is none to do. */
export function compileCheck(
  source: Service["check"],
  forwarding: Forwarding,
  ports: readonly { readonly protocol: Protocol }[],
): HealthCheck | undefined {
  if (source === "none") return undefined
  if (source !== undefined) return checkOf(source, forwarding)
  const hasTcp = ports.some(({ protocol }) => protocol === "tcp")
  return hasTcp ? checkOf({ type: "tcp" }, forwarding) : undefined
}

function checkOf(source: Check, forwarding: Forwarding): HealthCheck {
  const rhythm = rhythmOf(source, forwarding)
  switch (source.type) {
    case "tcp":
      return { ...rhythm, type: "tcp" }
    case "http":
      return { ...rhythm, type: "http", ...compileHttp(source) }
    case "https":
      return { ...rhythm, type: "https", ...compileHttp(source), ...compileTls(source) }
    default:
      return source satisfies never
  }
}

function rhythmOf(source: Check, forwarding: Forwarding): CheckRhythm {
  return {
    intervalMs: milliseconds(source.interval, checkDefaults.intervalMs),
    timeoutMs: milliseconds(source.timeout, checkDefaults.timeoutMs),
    retries: source.retries ?? checkDefaults.retries,
    delayBeforeRetryMs: milliseconds(source.delay_before_retry, checkDefaults.delayBeforeRetryMs),
    rise: source.rise ?? checkDefaults.rise,
    ...(source.port === undefined ? {} : { port: source.port }),
    via: source.via ?? (forwarding === "nat" ? "address" : "vip"),
  }
}
