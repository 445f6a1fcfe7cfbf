import { assertNever } from "../core/result.ts"
import type { VipAnswer } from "../model/vip-probe.ts"
import type { ServedVip } from "./vip-questions.ts"

/** How far a real server was proved on a VIP and port. */
export type Standing = "proved" | "disproved" | "open"

export interface VipVerdict {
  readonly standing: Standing
  readonly words: string
}

/** What an answer means; without one, why it was not asked for. */
export function verdictOf(served: ServedVip, answer: VipAnswer | undefined): VipVerdict {
  const { question } = served
  switch (question) {
    case "nat":
      return { standing: "open", words: "not asked: nat needs no VIP there" }
    case "sctp":
      return { standing: "open", words: "not asked: sctp" }
    case "any-port":
      return { standing: "open", words: "not asked: no port is named, nor by a check" }
    default:
      if (answer === undefined) return { standing: "open", words: "not asked" }
      return answered(answer, served, question.protocol)
  }
}

function answered(
  { outcome, words = "", full }: VipAnswer,
  { forwarding }: ServedVip,
  protocol: "tcp" | "udp",
): VipVerdict {
  switch (outcome) {
    case "answered":
      return full === undefined ? { standing: "proved", words: "answers" } : sized(full)
    case "refused":
      return disproved("refused: nobody listens on the port")
    case "rejected":
      return disproved(`rejected: ${words}`)
    case "passed-on":
      return disproved("passed on: a router without the VIP")
    case "silent":
      if (protocol === "udp") return { standing: "open", words: "not refused; udp proves no more" }
      return disproved(
        forwarding === "tun"
          ? "silent: tunnel, rp_filter, VIP on it, or firewall"
          : "silent: VIP not on its loopback, or a firewall",
      )
    case "absent":
      return disproved("absent: nobody there has its own address")
    case "unsent":
      return { standing: "open", words: `not asked: ${words}` }
    default:
      return assertNever(outcome)
  }
}

function sized({ bytes, sent, answered: whole }: NonNullable<VipAnswer["full"]>): VipVerdict {
  if (!whole) return disproved(`answers, but to no packet of ${sent} bytes: MTU`)
  if (sent === bytes) return { standing: "proved", words: "answers" }
  return { standing: "proved", words: `answers; MTU: ${sent} bytes fit, it asks for ${bytes}` }
}

function disproved(words: string): VipVerdict {
  return { standing: "disproved", words }
}
