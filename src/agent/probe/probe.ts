import { toFailure } from "../../core/failure.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { Deadline } from "./deadline.ts"
import { askDns } from "./dns.ts"
import { askExternal } from "./external.ts"
import { askHttp } from "./http.ts"
import { askIcmp } from "./icmp.ts"
import { askRadius } from "./radius.ts"
import { askSmtp } from "./smtp.ts"
import { askTcp } from "./tcp.ts"
import { askUdp } from "./udp.ts"

/** Puts one check's question; all that belongs to it shares its timeout. Never rejects. */
export async function probe(target: CheckTarget): Promise<Outcome> {
  try {
    return await ask(target, new Deadline(target.check.timeoutMs))
  } catch (thrown) {
    return { ok: false, message: toFailure(thrown).message }
  }
}

function ask(target: CheckTarget, deadline: Deadline): Promise<Outcome> {
  const { check } = target
  switch (check.type) {
    case "tcp":
      return askTcp(target, check, deadline)
    case "udp":
      return askUdp(target, check, deadline)
    case "dns":
      return askDns(target, check, deadline)
    case "smtp":
      return askSmtp(target, check, deadline)
    case "radius":
      return askRadius(target, check, deadline)
    case "external":
      return askExternal(target, check, deadline)
    case "icmp":
      return askIcmp(target, deadline)
    case "http":
    case "https":
      return askHttp(target, check, deadline)
    default:
      return check satisfies never
  }
}
