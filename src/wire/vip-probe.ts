import { family } from "../core/address.ts"
import { flag, list, object, oneOf, parseShape, such, text, whole } from "../core/shape.ts"
import type { Tunnel } from "../model/ipvs.ts"
import { vipOutcomes, type FullSize, type VipAnswer, type VipQuestion } from "../model/vip-probe.ts"

const address = such((value) => family(value) !== undefined, "an IP address")
const port = whole(1, 65_535)
const bytes = whole(1, 65_535)

const questions = list(
  object<VipQuestion>(
    {
      vip: address,
      protocol: oneOf("tcp", "udp"),
      port,
      server: address,
      tunnel: object<Tunnel>({ type: oneOf("ipip", "gue", "gre"), port }, ["port"]),
    },
    ["tunnel"],
  ),
)
const answers = list(
  object<VipAnswer>(
    {
      outcome: oneOf(...vipOutcomes),
      words: text(),
      full: object<FullSize>({ bytes, sent: bytes, answered: flag }),
    },
    ["words", "full"],
  ),
)

/** The words of `lbagent probe`: from which interface whom to ask. */
export function probeWords(interfaceName: string, asked: readonly VipQuestion[]): string[] {
  return ["probe", interfaceName, JSON.stringify(asked)]
}

/** What `lbagent probe` shall ask; undefined for anything else. */
export function parseVipQuestions(json: string): readonly VipQuestion[] | undefined {
  return parseShape(questions, json) as readonly VipQuestion[] | undefined
}

/** What `lbagent probe` printed, an answer for each question in their order; undefined for anything else. */
export function parseVipAnswers(json: string, count: number): readonly VipAnswer[] | undefined {
  const parsed = parseShape(answers, json) as readonly VipAnswer[] | undefined
  return parsed?.length === count ? parsed : undefined
}
