import { canonicalAddress } from "../../core/address.ts"
import type { VipAnswer, VipQuestion } from "../../model/vip-probe.ts"
import { parseVipQuestions } from "../../wire/vip-probe.ts"
import { localAddresses } from "../kernel/addresses.ts"
import { openIpTap } from "../kernel/ip-tap.ts"
import { openLanes, type Lane } from "../probe/vip-lanes.ts"
import { probeVips, questionsAtOnce } from "../probe/vip-prober.ts"
import { print } from "./output.ts"
import { badUsage } from "./words.ts"

const roundMs = 1000

/** Prints how real servers answer on VIPs, as JSON: an answer for each question, in their order. */
export async function probe([interfaceName, json]: readonly string[]): Promise<number> {
  const asked = json === undefined ? undefined : parseVipQuestions(json)
  if (interfaceName === undefined || asked === undefined)
    throw badUsage("an interface and questions are needed", "probe INTERFACE QUESTIONS")
  // What comes back has one spelling for each address.
  const questions = asked.map((one) => ({ ...one, vip: canonicalAddress(one.vip) }))
  const answers: VipAnswer[] = []
  for (let at = 0; at < questions.length; at += questionsAtOnce)
    answers.push(...(await ask(interfaceName, questions.slice(at, at + questionsAtOnce))))
  print(JSON.stringify(answers))
  return 0
}

async function ask(
  interfaceName: string,
  questions: readonly VipQuestion[],
): Promise<readonly VipAnswer[]> {
  const held = localAddresses().map((own) => ({ ...own, address: canonicalAddress(own.address) }))
  const lanes = await openLanes(interfaceName, questions, held)
  const open = lanes.filter((lane): lane is Lane => "send" in lane)
  const taps = [...new Set(open.map(({ source }) => source))].map(openIpTap)
  try {
    return await probeVips(questions, lanes, { taps, roundMs })
  } finally {
    for (const each of [...open, ...taps]) each.close()
  }
}
